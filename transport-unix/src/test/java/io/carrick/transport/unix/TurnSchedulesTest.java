package io.carrick.transport.unix;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jetbrains.lincheck.Lincheck;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * One at a time has the turn, what the loop wants to do meanwhile is done once, and the loop waits
 * for input again in the end, however callers and the loop are scheduled.
 */
@Tag("schedules")
class TurnSchedulesTest {

  /** How many schedules of each scenario: {@code -Dcarrick.schedules=10000} for a longer look. */
  private static final int EACH = Integer.getInteger("carrick.schedules", 50);

  /** After so many turns of the loop nothing is left to do, where nobody asks for more. */
  private static final int TURNS = 10;

  /** A loop of which the scenario says when it goes on; its timers are due at once. */
  private static final class Played implements Turn.Loop {

    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final Queue<Runnable> timers = new ArrayDeque<>();
    private final Leases leases = new Leases();

    @Override
    public void execute(Runnable task) {
      tasks.add(task);
    }

    @Override
    public void schedule(Duration delay, Runnable task) {
      timers.add(task);
    }

    @Override
    public void lookForMissed() {
      throw new AssertionError("nothing was missed");
    }

    @Override
    public Leases leases() {
      return leases;
    }

    void turn() {
      for (Runnable task; (task = tasks.poll()) != null; ) {
        task.run();
      }
      Runnable timer = timers.poll();
      if (timer != null) {
        timer.run();
      }
    }

    boolean isIdle() {
      return tasks.isEmpty() && timers.isEmpty();
    }
  }

  /** A connection whose receiver nobody may call while another does. */
  private static final class Connection implements AutoCloseable {

    final Played loop = new Played();
    final AtomicInteger ran = new AtomicInteger();
    private final SocketChannel channel;
    private final Turn turn;
    private final AtomicInteger inside = new AtomicInteger();
    private volatile boolean ending;
    private boolean waits = true; // Whether the loop waits for input; touched only by it.

    Connection() {
      try {
        channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        channel.configureBlocking(false);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      turn = new Turn(loop, channel, wait -> waits = wait);
      turn.end(); // There is a receiver.
    }

    void callReceiver() {
      check(inside.incrementAndGet() == 1, "two have the turn");
      inside.decrementAndGet();
    }

    void poll() {
      if (!ending && turn.take()) {
        try {
          if (turn.borrow() != null) {
            callReceiver();
          }
        } catch (IOException e) {
          check(ending, "a caller could not read: " + e);
        } finally {
          turn.end();
        }
      }
    }

    /** As for input, which the loop only sees where it waits for it. */
    void ready() {
      if (waits && turn.take()) {
        try {
          callReceiver();
        } finally {
          turn.end();
        }
      }
    }

    void task() {
      callReceiver();
      ran.incrementAndGet();
    }

    /** The connection is over; on the loop. */
    void end() {
      ending = true;
      closeChannel();
      turn.runLast(
          () -> {
            turn.giveBack();
            task();
          });
    }

    /** Nobody polls any more. */
    void settle() {
      for (int i = 0; i < TURNS && !loop.isIdle(); i++) {
        loop.turn();
      }
      check(loop.isIdle(), "the loop has still to do");
      check(turn.take(), "the turn was not given back");
      turn.end();
    }

    /** Whether nobody reads with a lease: then it is there for the next one. */
    void checkLease() {
      try {
        List<Lease> all = new ArrayList<>();
        for (Lease lease; (lease = loop.leases().take()) != null; ) {
          all.add(lease);
        }
        check(all.size() == Leases.MOST, "there are " + all.size() + " leases left");
        all.forEach(loop.leases()::give);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public void close() {
      loop.leases().close();
      closeChannel();
    }

    private void closeChannel() {
      try {
        channel.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  @Test
  void whatTheLoopWantsIsDoneOnceAndItReadsAgain() {
    explore(
        connection -> {
          together(
              () -> {
                connection.poll();
                connection.poll();
              },
              () -> {
                connection.loop.turn();
                connection.turn.run(connection::task);
                connection.ready();
                connection.loop.turn();
              });
          connection.settle();

          check(connection.ran.get() == 1, "the task ran " + connection.ran + " times");
          check(connection.waits, "the loop does not wait for input");
          connection.checkLease();
        });
  }

  @Test
  void callersThatMeetLeaveTheConnectionToTheLoop() {
    explore(
        connection -> {
          Runnable caller =
              () -> {
                connection.poll();
                connection.turn.handBack();
              };
          together(
              caller,
              caller,
              () -> {
                connection.loop.turn();
                connection.ready();
                connection.loop.turn();
              });
          connection.settle();

          check(connection.waits, "the loop does not wait for input");
          connection.checkLease();
        });
  }

  @Test
  void theEndIsToldOnceAndTheLeaseComesBack() {
    explore(
        connection -> {
          together(
              () -> {
                connection.poll();
                connection.poll();
              },
              () -> {
                connection.loop.turn();
                connection.end();
                connection.loop.turn();
              });
          connection.settle();

          check(connection.ran.get() == 1, "the end was told " + connection.ran + " times");
          connection.checkLease();
        });
  }

  private interface Scenario {
    void run(Connection connection);
  }

  private static void explore(Scenario scenario) {
    Runnable once =
        () -> {
          try (Connection connection = new Connection()) {
            scenario.run(connection);
          }
        };
    once.run(); // Classes of the JDK that are initialized within a schedule may hang it.
    Lincheck.runConcurrentTest(EACH, once);
  }

  private static void together(Runnable... tasks) {
    List<Thread> threads = new ArrayList<>();
    for (Runnable task : tasks) {
      threads.add(new Thread(task));
    }
    threads.forEach(Thread::start);
    for (Thread thread : threads) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        throw new AssertionError("nobody interrupts the scenario's own thread", e);
      }
    }
  }

  private static void check(boolean holds, String what) {
    if (!holds) {
      throw new AssertionError(what);
    }
  }
}
