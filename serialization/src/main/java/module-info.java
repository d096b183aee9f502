/** Codecs and compressors. */
module io.carrick.serialization {
  requires static com.google.protobuf;
  requires transitive io.carrick;
  requires static transitive org.jspecify;
  requires static tools.jackson.databind;
}
