/**
 * What most services begin with: the messenger, codecs for JSON, bytes and text, and the transports
 * over memory, Unix sockets and gRPC.
 */
module io.carrick.starter {
  requires transitive io.carrick;
  requires io.carrick.core;
  requires io.carrick.serialization;
  requires io.carrick.transport.grpc;
  requires io.carrick.transport.memory;
  requires io.carrick.transport.unix;
  requires tools.jackson.databind;
}
