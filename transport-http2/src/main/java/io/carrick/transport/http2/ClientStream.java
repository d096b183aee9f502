package io.carrick.transport.http2;

import io.carrick.spi.CloseReason;
import io.carrick.spi.PeerInfo;
import io.carrick.spi.Transport;
import io.carrick.transport.support.ConfirmedChannel;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import okio.Buffer;
import okio.BufferedSink;
import okio.BufferedSource;
import org.jspecify.annotations.Nullable;

/** The client's side of a call: the thread that made it reads, another one writes. */
final class ClientStream extends ConfirmedChannel {

  private static final System.Logger LOG = System.getLogger(ClientStream.class.getName());

  private static final int READ_BYTES = 8 * 1024; // What OkHttp hands over at a time.

  /** What the other side may take to end its half of the call. */
  private static final int LINGER_MILLIS = 1_000;

  private record Write(ByteBuffer packet, Consumer<@Nullable Throwable> confirmed) {}

  private final ClientLoop loop;
  private final Executor threads;
  private final Runnable force;
  private final BufferedSink sink;
  private final FrameStream frames;
  private final ByteBuffer input = ByteBuffer.allocate(READ_BYTES); // Touched on the loop.
  private final CountDownLatch started = new CountDownLatch(1);
  private volatile boolean over;

  // By the list itself, which has 128 KiB at most, as ConfirmedChannel gives no more.
  private final List<Write> waiting = new ArrayList<>(2);
  private boolean writing;

  /**
   * A call that has begun.
   *
   * @param force ends it at once, without blocking
   */
  ClientStream(
      ClientLoop loop, Executor threads, Runnable force, BufferedSink sink, PeerInfo peer) {
    super(loop, Transport.HIGH_WATER_BYTES, peer);
    this.loop = loop;
    this.threads = threads;
    this.force = force;
    this.sink = sink;
    this.frames = new FrameStream(connection());
  }

  /** The receiver is there; from then on all is read, for a receiver never waits. */
  @Override
  public void request(int more) {
    started.countDown();
  }

  /** Reads until the call is over, which is told. */
  void read(BufferedSource source) throws InterruptedException {
    started.await();
    try {
      while (source.request(1)) {
        Buffer arrived = source.getBuffer();
        if (over) {
          arrived.clear();
        } else {
          loop.runHere(() -> arrived(arrived));
        }
      }
      loop.runHere(frames::ended);
    } catch (IOException | RuntimeException | Error e) {
      loop.runHere(
          () -> connection().onEnd(Failures.closeReason(connection().peer().address(), e)));
    }
  }

  private void arrived(Buffer arrived) {
    while (!over && arrived.size() > 0) {
      int length = arrived.read(input.array());
      frames.arrived(input.clear().limit(length));
    }
  }

  @Override
  protected void write(ByteBuffer packet, Consumer<@Nullable Throwable> confirmed) {
    boolean begins;
    synchronized (waiting) {
      waiting.add(new Write(packet, confirmed));
      begins = !writing;
      writing = true;
    }
    if (begins) {
      loop.afterTurn(this::writeAll);
    }
  }

  private void writeAll() {
    try {
      List<Write> batch = next();
      while (!batch.isEmpty()) {
        Throwable failure = writeBatch(batch);
        List<Write> more = next(); // First, or a close that waited for the last finds it written.
        for (Write each : batch) {
          each.confirmed().accept(failure);
        }
        batch = more;
      }
    } catch (RuntimeException | Error e) {
      force.run(); // Nobody writes any more; who reads tells the end.
      throw e;
    }
  }

  private @Nullable Throwable writeBatch(List<Write> batch) {
    try {
      for (Write each : batch) {
        sink.write(each.packet());
      }
      sink.flush();
      return null;
    } catch (IOException | RuntimeException | Error e) {
      return e;
    }
  }

  private List<Write> next() {
    synchronized (waiting) {
      List<Write> batch = List.copyOf(waiting);
      waiting.clear();
      writing = !batch.isEmpty();
      return batch;
    }
  }

  @Override
  protected void cut(CloseReason reason) {
    over = true;
    started.countDown();
    boolean idle;
    synchronized (waiting) {
      idle = !writing;
    }
    if (!idle || reason.kind() != CloseReason.Kind.LOCAL) {
      force.run();
      return;
    }
    CompletableFuture.delayedExecutor(LINGER_MILLIS, TimeUnit.MILLISECONDS).execute(force);
    threads.execute(this::endBody);
  }

  private void endBody() {
    try {
      sink.close();
    } catch (IOException e) {
      LOG.log(System.Logger.Level.DEBUG, "A call could not be ended in order", e);
    }
  }
}
