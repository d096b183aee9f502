package io.carrick.core.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Headers;
import io.carrick.OverflowPolicy;
import io.carrick.Principal;
import io.carrick.Priority;
import io.carrick.SecurityLevel;
import io.carrick.SessionLostException;
import io.carrick.StatusCode;
import io.carrick.core.frame.FrameWriter;
import io.carrick.core.frame.Kind;
import io.carrick.core.frame.ReceiveLimits;
import io.carrick.core.session.auth.PeerIdentity;
import io.carrick.core.session.state.End;
import io.carrick.core.session.state.Exchange;
import io.carrick.core.session.state.Opening;
import io.carrick.core.session.state.SessionConfig;
import io.carrick.spi.CloseReason;
import io.carrick.spi.Connection;
import io.carrick.spi.PeerInfo;
import io.carrick.spi.Receiver;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/**
 * The serial section and the writer of a session under threads that meet there. The simulator
 * chooses who goes on where the section is left; here the machine does.
 */
class SessionRacesTest {

  private static final int ROUNDS = 500;

  private static final PeerInfo HERE = PeerInfo.of("here");
  private static final SessionConfig CONFIG =
      SessionConfig.defaults("test", new byte[16], List.of(), 1 << 20);
  private static final PeerIdentity PEER =
      HandshakeFrames.identity(
          "peer", new byte[16], Principal.NONE, List.of(), List.of(), 1 << 20, HERE);

  // What a frame begins with.
  private static final byte PATH_CLOSE = FrameWriter.pathClose("", true, 0)[0];
  private static final byte OPEN = open()[0];

  /** Takes what one thread at a time gives it, and nothing behind its end. */
  private static final class Sink implements Connection {

    private final AtomicInteger writers = new AtomicInteger();
    private final List<String> faults = new CopyOnWriteArrayList<>();
    private final List<Byte> sent = new CopyOnWriteArrayList<>();
    private volatile int closed;

    /** The thread that says that this connection takes more, after it refused once. */
    private volatile Thread waking;

    private volatile Runnable refused;

    @Override
    public boolean send(ByteBuffer frame) {
      if (writers.incrementAndGet() != 1) {
        faults.add("two write at once");
      }
      if (closed > 0) {
        faults.add("written to behind the end");
      }
      sent.add(frame.get(frame.position()));
      writers.decrementAndGet();
      Runnable wake = refused;
      if (wake == null) {
        return true;
      }
      refused = null;
      waking = new Thread(wake);
      waking.start();
      return false;
    }

    @Override
    public void flush() {}

    @Override
    public void receive(Receiver receiver) {}

    @Override
    public void close(CloseReason reason) {
      closed = closed + 1;
    }

    @Override
    public PeerInfo peer() {
      return HERE;
    }
  }

  /** A session whose connection is a {@link Sink}. */
  private static final class Life implements SessionEvents {

    final AtomicInteger ends = new AtomicInteger();
    final AtomicInteger told = new AtomicInteger();
    final Sink sink = new Sink();
    final Link link = new Link(sink, null);
    final Session session;

    Life() {
      SessionRuntime runtime =
          new SessionRuntime("test", Runnable::run, new Budget(1 << 30), () -> 1L, false);
      session =
          new Session(
              new Agreement(
                  true,
                  new ReceiveLimits(1 << 20, 64 << 10, 8, 8),
                  PEER,
                  null,
                  SecurityLevel.NONE,
                  false,
                  List.of(),
                  0,
                  false,
                  false,
                  null),
              link,
              CONFIG,
              runtime,
              this);
    }

    void open() {
      try {
        session
            .exchanges()
            .open(
                new Opening(
                    Kind.REQUEST,
                    "t",
                    Headers.EMPTY,
                    "",
                    new byte[1],
                    Priority.NORMAL,
                    0,
                    1,
                    OverflowPolicy.FAIL,
                    List.of(),
                    SecurityLevel.NONE,
                    ""),
                x -> {
                  if (x.end() != null) {
                    told.incrementAndGet();
                  }
                });
      } catch (SessionLostException e) {
        told.incrementAndGet();
      }
    }

    @Override
    public void opened(Session opened, Exchange exchange) {}

    @Override
    public void ended(Session over, End reason) {
      ends.incrementAndGet();
    }
  }

  private static byte[] open() {
    byte[] head =
        FrameWriter.openHead(
            Kind.REQUEST,
            "t",
            0,
            Priority.NORMAL,
            0,
            Headers.EMPTY,
            "",
            OverflowPolicy.FAIL,
            List.of(),
            "");
    ByteBuffer frame = ByteBuffer.allocate(256);
    FrameWriter.open(frame, 1, 1, head, 0, false, new byte[0], 0, 0);
    return frame.array();
  }

  private static void together(Runnable... tasks) throws Exception {
    CyclicBarrier start = new CyclicBarrier(tasks.length);
    List<Thread> threads = new ArrayList<>();
    List<Throwable> thrown = new CopyOnWriteArrayList<>();
    for (Runnable task : tasks) {
      threads.add(
          new Thread(
              () -> {
                try {
                  start.await();
                  task.run();
                } catch (Throwable t) {
                  thrown.add(t);
                }
              }));
    }
    threads.forEach(Thread::start);
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(thrown).isEmpty();
  }

  @Test
  void whatIsDueIsWrittenByOneThreadThoughTheConnectionRefusesOnce() throws Exception {
    for (int i = 0; i < ROUNDS; i++) {
      Life life = new Life();
      life.sink.refused = () -> life.session.reading.onWritable(life.link);

      together(life::open, life::open, life::open);
      life.sink.waking.join();

      assertThat(life.sink.faults).isEmpty();
      assertThat(life.session.core.out.ring.handedSeq()).as("calls written").isEqualTo(3);
      assertThat(life.session.core.mustWrite()).as("something due is left").isFalse();
    }
  }

  @Test
  void anEndIsToldOnceAndNothingIsWrittenBehindIt() throws Exception {
    for (int i = 0; i < ROUNDS; i++) {
      Life life = new Life();

      together(
          life::open,
          life::open,
          () -> life.session.abort(StatusCode.INTERNAL, "one"),
          () -> life.session.faults.lose(StatusCode.UNAVAILABLE, "two"));

      assertThat(life.sink.faults).isEmpty();
      assertThat(life.ends).as("ends told").hasValue(1);
      assertThat(life.told).as("calls ended").hasValue(2);
      assertThat(life.sink.closed).as("the connection was closed").isOne();
      assertThat(life.session.isOver()).isTrue();
      assertThat(life.session.heldBytes()).as("what the budget counts").isZero();
    }
  }

  @Test
  void anAbortTellsThePeerWhateverIsWrittenMeanwhile() throws Exception {
    for (int i = 0; i < ROUNDS; i++) {
      Life life = new Life();

      together(
          life::open,
          life::open,
          () -> life.session.abort(StatusCode.RESOURCE_EXHAUSTED, "too much"));

      assertThat(life.sink.faults).isEmpty();
      assertThat(life.sink.sent.get(life.sink.sent.size() - 1))
          .as("the last frame is PATH_CLOSE")
          .isEqualTo(PATH_CLOSE);
    }
  }

  @Test
  void whatAnOldConnectionTookGoesAgainOverTheNewOne() throws Exception {
    for (int i = 0; i < ROUNDS; i++) {
      Life life = new Life();
      Sink fresh = new Sink();
      Link next = new Link(fresh, null);
      AtomicReference<Link> replaced = new AtomicReference<>();

      together(
          life::open,
          life::open,
          () ->
              life.session.section.turn(
                  () -> replaced.set(life.session.path.attach(next, 0, false).replaced())));

      assertThat(fresh.faults).isEmpty();
      assertThat(replaced).hasValue(life.link);
      assertThat(life.session.core.out.ring.handedSeq()).as("calls written").isEqualTo(2);
      assertThat(fresh.sent.stream().filter(type -> type.equals(OPEN)).count())
          .as("calls over the new connection")
          .isEqualTo(2);
    }
  }
}
