package io.carrick.core.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class ApplicationExecutorTest {

  private final HandlerPool pool = HandlerPool.ofCallbacks("test");

  @AfterEach
  void close() {
    pool.shutdownNow();
  }

  @Test
  void whatIsHandedOverTogetherWaitsForTheEnd() throws Exception {
    ApplicationExecutor tasks = ApplicationExecutor.of(Runnable::run, pool);
    CountDownLatch ran = new CountDownLatch(2);
    tasks.begin();
    tasks.executeTogether(ran::countDown);
    tasks.executeTogether(ran::countDown);
    CountDownLatch alone = new CountDownLatch(1);
    tasks.execute(alone::countDown);
    assertThat(alone.await(10, TimeUnit.SECONDS)).isTrue();
    assertThat(ran.getCount()).isEqualTo(2);

    tasks.end();

    assertThat(ran.await(10, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void oneThatBlocksDoesNotHoldUpThoseBehindIt() throws Exception {
    ApplicationExecutor tasks = ApplicationExecutor.of(Runnable::run, pool);
    CountDownLatch last = new CountDownLatch(1);
    CompletableFuture<Boolean> first = new CompletableFuture<>();
    tasks.begin();
    tasks.executeTogether(() -> first.complete(await(last)));
    for (int i = 0; i < 10; i++) {
      tasks.executeTogether(() -> {});
    }
    tasks.executeTogether(last::countDown);

    tasks.end();

    assertThat(first.get(10, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void anExecutorOfTheApplicationGetsThemOneByOneInTheirOrder() {
    List<Integer> ran = new ArrayList<>();
    ApplicationExecutor tasks = ApplicationExecutor.of(Runnable::run, Runnable::run);
    tasks.begin();
    for (int i = 0; i < 5; i++) {
      int n = i;
      tasks.executeTogether(() -> ran.add(n));
    }
    assertThat(ran).isEmpty();

    tasks.end();

    assertThat(ran).containsExactly(0, 1, 2, 3, 4);
  }

  @Test
  void anotherMessengersTasksAreNotKept() {
    List<String> ran = new ArrayList<>();
    Executor here = Runnable::run;
    ApplicationExecutor one = ApplicationExecutor.of(here, here);
    ApplicationExecutor other = ApplicationExecutor.of(here, here);
    one.begin();
    one.executeTogether(() -> ran.add("one"));
    other.executeTogether(() -> ran.add("other"));
    assertThat(ran).containsExactly("other");

    one.end();

    assertThat(ran).containsExactly("other", "one");
  }

  @Test
  void whatAClosedPoolDoesNotTakeRunsHereAsAReaderWould() {
    pool.shutdown();
    ApplicationExecutor tasks = ApplicationExecutor.of(Runnable::run, pool);
    List<Boolean> asReader = new ArrayList<>();
    tasks.begin();
    tasks.executeTogether(() -> asReader.add(CarrickThreads.isReader()));
    tasks.executeTogether(() -> asReader.add(CarrickThreads.isCarrick()));

    tasks.end();

    assertThat(asReader).containsExactly(true, true);
    assertThat(CarrickThreads.isCarrick()).isFalse();
  }

  private static boolean await(CountDownLatch latch) {
    try {
      return latch.await(10, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
