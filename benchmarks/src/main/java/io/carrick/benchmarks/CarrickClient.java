package io.carrick.benchmarks;

import io.carrick.Messenger;
import io.carrick.Remote;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Blocking calls, futures and a subscriber. */
final class CarrickClient implements BenchmarkClient {

  private static final long TIMEOUT_SECONDS = 60;

  private final Messenger messenger = Messenger.builder("bench-client").build();
  private final Remote remote;

  CarrickClient(String endpoint) {
    remote = messenger.connect(endpoint);
    remote.connect().join();
  }

  @Override
  public void call(byte[] body) {
    check(remote.request(CarrickServer.ECHO, body, byte[].class).join(), body.length);
  }

  @Override
  public long pipeline(byte[] body, int inFlight, long nanos) throws Exception {
    Pipeline pipeline = new Pipeline(remote, body, inFlight, System.nanoTime() + nanos);
    return pipeline.start().get(TIMEOUT_SECONDS, TimeUnit.SECONDS);
  }

  @Override
  public void stream(int items, int itemBytes) throws Exception {
    byte[] query = ByteBuffer.allocate(2 * Integer.BYTES).putInt(items).putInt(itemBytes).array();
    CompletableFuture<Integer> taken = new CompletableFuture<>();
    remote.stream(CarrickServer.STREAM, query, byte[].class)
        .subscribe(new CountingSubscriber(itemBytes, taken));
    int count = taken.get(TIMEOUT_SECONDS, TimeUnit.SECONDS);
    if (count != items) {
      throw new IllegalStateException("got " + count + " items instead of " + items);
    }
  }

  static void check(byte[] body, int bytes) {
    if (body.length != bytes) {
      throw new IllegalStateException("got " + body.length + " bytes instead of " + bytes);
    }
  }

  @Override
  public void close() {
    messenger.close();
  }
}
