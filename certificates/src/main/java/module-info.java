/** A throw-away certificate authority, for demos and tests. */
module io.carrick.certificates {
  requires org.bouncycastle.pkix;
  requires org.bouncycastle.provider;
  requires static transitive org.jspecify;

  exports io.carrick.certificates;
}
