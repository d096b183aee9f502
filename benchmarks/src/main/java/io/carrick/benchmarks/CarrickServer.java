package io.carrick.benchmarks;

import io.carrick.HandlerOptions;
import io.carrick.Handlers;
import io.carrick.Messenger;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/** Echoes requests and produces streams. */
final class CarrickServer implements BenchmarkServer {

  static final String ECHO = "bench/echo";
  static final String STREAM = "bench/stream";

  private final Messenger messenger;

  static CarrickServer overUnix(Path socket, boolean nonBlocking) {
    return new CarrickServer("unix:" + socket, nonBlocking);
  }

  /** Over TCP; the port is told in a file. */
  static CarrickServer overGrpc(Path file) throws IOException {
    CarrickServer server = new CarrickServer("grpc://127.0.0.1:0", true);
    String endpoint = server.messenger.endpoints().get(0);
    PortFile.write(file, URI.create(endpoint).getPort());
    file.toFile().deleteOnExit();
    return server;
  }

  private CarrickServer(String endpoint, boolean nonBlocking) {
    messenger = Messenger.builder("bench-server").listen(endpoint).build();
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
