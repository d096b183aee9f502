/** Sessions, selection and the entry point. */
module io.carrick.core {
  requires transitive io.carrick;
  requires static transitive org.jspecify;
}
