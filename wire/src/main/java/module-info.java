/** The wire format as generated protobuf messages. */
module io.carrick.wire {
  requires transitive com.google.protobuf;

  exports io.carrick.wire.v1;
}
