/** Unix domain sockets as transports use them: their files, and who is at the other end. */
@SuppressWarnings("module") // Those that it is exported to are built after it.
module io.carrick.unix {
  requires transitive io.carrick;
  requires transitive jdk.net;
  requires static transitive org.jspecify;

  exports io.carrick.unix to
      io.carrick.netty,
      io.carrick.transport.grpc,
      io.carrick.transport.unix;
}
