package io.carrick.core.serve;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.HandlerOptions;
import io.carrick.core.run.ApplicationExecutor;
import io.carrick.core.run.Bulkhead;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Whatever is thrown, a place is given back once and the next message is handled. */
final class OrderedQueueTest {

  private static final HandlerOptions ONE_AT_A_TIME =
      HandlerOptions.DEFAULT.withConcurrency(1).withWaiting(3);

  enum Where {
    NOWHERE,
    PREPARE,
    HANDLE,
    REJECT
  }

  private final ArrayDeque<Runnable> waiting = new ArrayDeque<>();
  private final List<String> happened = new ArrayList<>();
  private Executor executor = waiting::add;
  private final Map<Object, OrderedQueue> home = new ConcurrentHashMap<>();

  private final class Thrower implements OrderedQueue.Entry {

    private final String name;
    private final Where where;
    private boolean ready;

    Thrower(String name, Where where) {
      this.name = name;
      this.where = where;
    }

    private void at(Where place) {
      if (where == place) {
        throw new OutOfMemoryError("of the test");
      }
    }

    @Override
    public void prepare(Runnable whenReady) {
      if (ready) {
        return;
      }
      ready = true;
      whenReady.run();
      at(Where.PREPARE);
    }

    @Override
    public boolean isReady() {
      return ready;
    }

    @Override
    public void handle() {
      happened.add(name);
      at(Where.HANDLE);
    }

    @Override
    public void reject() {
      happened.add("not " + name);
      at(Where.REJECT);
    }
  }

  private void add(Bulkhead gate, ApplicationExecutor tasks, String name, Where where) {
    assertThat(gate.tryAdmit()).isTrue();
    OrderedQueue.add(home, "origin", gate, tasks, new Thrower(name, where));
  }

  private void runAll() {
    while (!waiting.isEmpty()) {
      waiting.remove().run();
    }
  }

  @ParameterizedTest
  @EnumSource(Where.class)
  void whatAMessageThrowsStopsNoOther(Where where) {
    ApplicationExecutor tasks =
        ApplicationExecutor.of(task -> executor.execute(task), Runnable::run);
    Bulkhead gate = new Bulkhead(tasks, ONE_AT_A_TIME);

    add(gate, tasks, "first", where);
    add(gate, tasks, "second", where);
    add(gate, tasks, "third", Where.NOWHERE);
    runAll();

    assertThat(happened).containsExactly("first", "second", "third");
    assertThat(gate.isIdle()).isTrue();
    assertThat(home).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(Where.class)
  void whereNoThreadIsFreeAllAreRejectedOnce(Where where) {
    ApplicationExecutor tasks =
        ApplicationExecutor.of(task -> executor.execute(task), Runnable::run);
    Bulkhead gate = new Bulkhead(tasks, ONE_AT_A_TIME);
    executor =
        task -> {
          throw new RejectedExecutionException("full");
        };

    add(gate, tasks, "first", where);
    executor = waiting::add;
    add(gate, tasks, "second", Where.NOWHERE);
    runAll();

    assertThat(happened).containsExactly("not first", "second");
    assertThat(gate.isIdle()).isTrue();
    assertThat(home).isEmpty();
  }

  @Test
  void whereThereIsNoMemoryForALaneTheMessageIsRejected() {
    ApplicationExecutor tasks =
        ApplicationExecutor.of(task -> executor.execute(task), Runnable::run);
    Bulkhead gate = new Bulkhead(tasks, ONE_AT_A_TIME);
    Map<Object, OrderedQueue> full =
        new ConcurrentHashMap<>() {
          private static final long serialVersionUID = 1L;

          @Override
          public OrderedQueue computeIfAbsent(
              Object key,
              java.util.function.Function<? super Object, ? extends OrderedQueue> make) {
            throw new OutOfMemoryError("of the test");
          }
        };

    assertThat(gate.tryAdmit()).isTrue();
    OrderedQueue.add(full, "origin", gate, tasks, new Thrower("first", Where.NOWHERE));

    assertThat(happened).containsExactly("not first");
    assertThat(gate.isIdle()).isTrue();
  }
}
