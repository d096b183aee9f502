package io.carrick.netty;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.testkit.Await;
import java.net.InetAddress;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
final class NamesTest {

  private final CountDownLatch answers = new CountDownLatch(1);
  private final AtomicInteger asked = new AtomicInteger();
  private final Names names = new Names("test", this::lookup);

  @AfterEach
  void close() {
    answers.countDown();
    names.close();
  }

  private InetAddress[] lookup(String host) {
    asked.incrementAndGet();
    if (host.startsWith("silent")) {
      Await.until("the answer", () -> answers.getCount() == 0);
    }
    return new InetAddress[] {InetAddress.getLoopbackAddress()};
  }

  @Test
  void namesThatDoNotAnswerBlockNoOthersAndNoAddresses() throws Exception {
    for (int i = 0; i < 10; i++) {
      names.resolve("silent" + i);
    }

    assertThat(names.resolve("other").get(5, TimeUnit.SECONDS)).hasSize(1);
    Await.until("all of them are asked", () -> asked.get() == 11);
    for (String literal : List.of("127.0.0.1", "[::1]")) {
      int before = asked.get();
      assertThat(names.resolve(literal).get(5, TimeUnit.SECONDS))
          .allMatch(InetAddress::isLoopbackAddress);
      assertThat(asked).hasValue(before);
    }
  }

  @Test
  void aNameIsLookedUpOnceAtATime() throws Exception {
    List<CompletableFuture<List<InetAddress>>> all =
        Stream.generate(() -> names.resolve("silent")).limit(100).toList();
    answers.countDown();

    for (CompletableFuture<List<InetAddress>> each : all) {
      assertThat(each.get(5, TimeUnit.SECONDS)).hasSize(1);
    }
    assertThat(asked).hasValue(1);
    assertThat(names.resolve("silent").get(5, TimeUnit.SECONDS)).hasSize(1);
  }

  @Test
  void soManyNamesMayBeSilent() {
    for (int i = 0; i < Names.MOST; i++) {
      names.resolve("silent" + i);
    }

    assertThat(names.resolve("other")).isCompletedExceptionally();
    answers.countDown();
    Await.until("names are looked up again", () -> !names.resolve("b").isCompletedExceptionally());
  }
}
