package io.carrick.integration;

import static io.carrick.integration.PlainGrpc.call;

import io.carrick.Message;
import io.carrick.testkit.Await;
import io.carrick.wire.v1.CarrickGrpc;
import io.grpc.ManagedChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** A process with programs that open streams and never read them, and one that makes requests. */
final class NeverReading {

  private static final int CONNECTIONS = 2;
  private static final int STREAMS = 90;
  private static final int ITEM_BYTES = 64 * 1024;

  /** What lies unread at the client, for each stream. */
  private static final int WINDOW_BYTES = 65_535;

  private static final int REQUESTS = 2_000;

  private NeverReading() {}

  public static void main(String[] args) throws InterruptedException {
    byte[] bytes = new byte[ITEM_BYTES];
    Source<Message> source = Source.of(Long.MAX_VALUE, n -> Message.of(bytes));
    List<ManagedChannel> channels = new ArrayList<>();
    try (PlainGrpc grpc = new PlainGrpc()) {
      grpc.orders.handleStream("big", String.class, (String q) -> source);
      grpc.orders.handle("echo", String.class, text -> text);
      for (int c = 0; c < CONNECTIONS; c++) {
        ManagedChannel channel = grpc.connect(WINDOW_BYTES);
        channels.add(channel);
        for (int s = 0; s < STREAMS; s++) {
          CarrickGrpc.newStub(channel).stream(call("big", ""), Replies.unasked());
        }
      }
      long[] last = {0, System.nanoTime()};
      Await.until(
          () -> "the streams wait; made: " + source.emitted(),
          Duration.ofSeconds(30),
          () -> {
            long now = source.emitted();
            if (now != last[0]) {
              last[0] = now;
              last[1] = System.nanoTime();
            }
            return now > 0 && System.nanoTime() - last[1] > 500_000_000L;
          });
      for (int i = 0; i < REQUESTS; i++) {
        grpc.blocking.request(call("echo", "x"));
      }
      System.out.println("streams " + CONNECTIONS * STREAMS);
      System.out.println("made-kib " + source.emitted() * ITEM_BYTES / 1024);
      channels.forEach(ManagedChannel::shutdownNow);
    }
    System.out.println("done");
  }
}
