/** Checks signed JSON web tokens, for nodes that demand them. No type of its library is seen. */
module io.carrick.jwt {
  requires transitive io.carrick;
  requires com.nimbusds.jose.jwt;
  requires static transitive org.jspecify;

  exports io.carrick.jwt;
}
