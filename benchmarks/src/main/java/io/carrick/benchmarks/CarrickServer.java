package io.carrick.benchmarks;

import io.carrick.HandlerOptions;
import io.carrick.Handlers;
import io.carrick.Messenger;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/** Echoes requests and produces streams. */
final class CarrickServer implements BenchmarkServer {

  static final String ECHO = "bench/echo";
  static final String STREAM = "bench/stream";

  private final Messenger messenger;

  CarrickServer(Path socket, boolean nonBlocking) {
    messenger = Messenger.builder("bench-server").listen("unix:" + socket).build();
    Handlers handlers =
        messenger.with(nonBlocking ? HandlerOptions.nonBlocking() : HandlerOptions.DEFAULT);
    handlers.handle(ECHO, byte[].class, (byte[] body) -> body);
    handlers.handleStream(STREAM, byte[].class, CarrickServer::stream);
  }

  private static SameItems stream(byte[] query) {
    ByteBuffer numbers = ByteBuffer.wrap(query);
    return new SameItems(numbers.getInt(), new byte[numbers.getInt()]);
  }

  @Override
  public void close() {
    messenger.close();
  }
}
