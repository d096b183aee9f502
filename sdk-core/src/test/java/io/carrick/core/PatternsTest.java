package io.carrick.core;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.carrick.CallException;
import io.carrick.HandlerOptions;
import io.carrick.InMemoryPair;
import io.carrick.Messenger;
import io.carrick.OverflowPolicy;
import io.carrick.Registration;
import io.carrick.core.flow.MappedPublisher;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class PatternsTest {

  private final InMemoryPair pair = Messenger.inMemory();

  @AfterEach
  void close() {
    pair.close();
  }

  @Test
  void requestIsAnswered() {
    pair.server().handle("greet", String.class, name -> "hello " + name);

    assertThat(pair.remote().request("greet", "you", String.class).join()).isEqualTo("hello you");
  }

  @Test
  void requestIsAnsweredLater() throws Exception {
    pair.server()
        .handleAsync(
            "greet",
            String.class,
            (name, call) -> CompletableFuture.supplyAsync(() -> "hello " + name));

    assertThat(pair.remote().request("greet", "you", String.class).get(5, SECONDS))
        .isEqualTo("hello you");
  }

  @Test
  void requestsManyAtATimeAllComeBack() {
    pair.server()
        .with(HandlerOptions.DEFAULT.withWaiting(1_024))
        .handle("twice", Integer.class, n -> n * 2);

    List<CompletableFuture<Integer>> replies =
        IntStream.range(0, 5_000)
            .mapToObj(n -> pair.remote().request("twice", n, Integer.class))
            .toList();

    for (int n = 0; n < replies.size(); n++) {
      assertThat(replies.get(n).join()).isEqualTo(n * 2);
    }
  }

  @Test
  void sendsArriveInOrder() throws Exception {
    BlockingQueue<Integer> received = new LinkedBlockingQueue<>();
    pair.server().handleSend("note", Integer.class, received::add);

    for (int i = 0; i < 200; i++) {
      pair.remote().send("note", i);
    }

    for (int i = 0; i < 200; i++) {
      assertThat(received.poll(5, SECONDS)).isEqualTo(i);
    }
  }

  @Test
  void streamGivesAllItemsInOrder() throws Exception {
    pair.server().handleStream("count", Integer.class, n -> new RangePublisher(n));

    List<Integer> items =
        Collecting.all(pair.remote().stream("count", 1_000, Integer.class)).get(10, SECONDS);

    assertThat(items).isEqualTo(IntStream.range(0, 1_000).boxed().toList());
  }

  @Test
  void channelAnswersEachValue() throws Exception {
    pair.server()
        .handleChannel(
            "twice", Integer.class, (values, call) -> new MappedPublisher<>(values, n -> n * 2));

    List<Integer> items =
        Collecting.all(pair.remote().channel("twice", new RangePublisher(500), Integer.class))
            .get(10, SECONDS);

    assertThat(items).isEqualTo(IntStream.range(0, 500).map(n -> n * 2).boxed().toList());
  }

  @Test
  void publishReachesLocalAndRemoteSubscriptions() throws Exception {
    BlockingQueue<String> local = new LinkedBlockingQueue<>();
    BlockingQueue<String> remote = new LinkedBlockingQueue<>();
    pair.server().subscribe("orders/+/shipped", String.class, local::add);
    Registration registration =
        pair.remote()
            .subscribe("orders/#", String.class, OverflowPolicy.BLOCK, remote::add)
            .get(5, SECONDS);

    pair.remote().publish("orders/7/shipped", "seven").get(5, SECONDS);
    pair.server().publish("orders/8/shipped", "eight").get(5, SECONDS);
    pair.remote().publish("other", "nobody").get(5, SECONDS);

    // Between what a session brings and what the node itself publishes there is no order.
    assertThat(List.of(local.poll(5, SECONDS), local.poll(5, SECONDS)))
        .containsExactlyInAnyOrder("seven", "eight");
    assertThat(remote.poll(5, SECONDS)).isEqualTo("seven");
    assertThat(remote.poll(5, SECONDS)).isEqualTo("eight");
    registration.close();
  }

  @Test
  void handlerCallsItsCallerBack() {
    pair.client().handle("name", String.class, question -> "client");
    pair.server()
        .handle(
            "who",
            String.class,
            (question, call) -> call.peer().request("name", "?", String.class).join());

    assertThat(pair.remote().request("who", "?", String.class).join()).isEqualTo("client");
  }

  @Test
  void topicWithoutHandlerIsNamedWithTheRemedy() {
    pair.server().handleSend("note", String.class, text -> {});

    assertThatThrownBy(() -> pair.remote().request("note", "x", String.class).get(5, SECONDS))
        .isInstanceOf(ExecutionException.class)
        .hasMessageContaining("no handler for REQUEST on topic note")
        .hasMessageContaining("SEND")
        .cause()
        .isInstanceOf(CallException.class);
  }

  @Test
  void nullReplyCompletesVoidAndFailsOthers() throws Exception {
    pair.server().handle("none", String.class, (text, call) -> null);

    assertThat(pair.remote().request("none", "x", Void.class).get(5, SECONDS)).isNull();
    assertThatThrownBy(() -> pair.remote().request("none", "x", String.class).get(5, SECONDS))
        .hasMessageContaining("handler of none returned no reply");
  }
}
