package io.carrick.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.spi.CloseReason;
import io.carrick.testkit.TransportFixture.Link;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;

/**
 * Both sides send at once, so that frames come while {@code onWritable} runs: a transport that
 * reads on while a callback has the turn must not read over what it has still to hand over (C06).
 */
final class BorrowedBuffers {

  private static final int FRAMES = 2_000;
  private static final int LARGEST = 20_000;

  /** What a callback takes, so that others find the turn taken. */
  private static final long PAUSE_NANOS = 20_000;

  private final Link link;

  BorrowedBuffers(Link link) {
    this.link = link;
  }

  void exchange() {
    Checking atServer = new Checking();
    Checking atClient = new Checking();
    link.server().receive(atServer);
    link.client().receive(atClient);

    CompletableFuture<Void> back =
        CompletableFuture.runAsync(() -> sendAll(new CheckedSender(link.server(), atServer)));
    sendAll(new CheckedSender(link.client(), atClient));
    Await.result(back);

    atServer.awaitAll();
    atClient.awaitAll();
    link.client().close(CloseReason.local("all has arrived"));
    Await.result(atServer.closed());
    assertThat(atServer.faults()).isEmpty();
    assertThat(atClient.faults()).isEmpty();
  }

  private static void sendAll(CheckedSender sender) {
    for (int i = 0; i < FRAMES; i++) {
      ByteBuffer frame = ByteBuffer.allocate(4 + i * 7919 % LARGEST).putInt(i);
      while (frame.hasRemaining()) {
        frame.put((byte) i);
      }
      sender.send(frame.flip());
    }
    sender.flush();
  }

  private static void pause() {
    long end = System.nanoTime() + PAUSE_NANOS;
    while (System.nanoTime() - end < 0) {
      Thread.onSpinWait();
    }
  }

  /** Reads each frame, waits, and reads it again. */
  private static final class Checking extends RecordingReceiver {

    private final CountDownLatch left = new CountDownLatch(FRAMES);
    private volatile String wrong = "";
    private int next;

    @Override
    protected void handle(ByteBuffer frame) {
      check(frame.duplicate());
      pause();
      check(frame);
      next++;
      left.countDown();
    }

    @Override
    protected void handleWritable() {
      pause();
    }

    private void check(ByteBuffer frame) {
      int number = frame.getInt();
      boolean right = number == next && frame.remaining() == number * 7919 % LARGEST;
      while (right && frame.hasRemaining()) {
        right = frame.get() == (byte) number;
      }
      if (!right) {
        wrong = "frame " + number + " where " + next + " was due, or other bytes in it";
      }
    }

    void awaitAll() {
      Await.until(
          () -> left.getCount() + " frames are missing; closed: " + closed(),
          Await.LONG_ENOUGH,
          () -> left.getCount() == 0);
      assertThat(wrong).isEmpty();
    }
  }
}
