package io.carrick.integration;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Call;
import io.carrick.Flows;
import io.carrick.InMemoryPair;
import io.carrick.Messenger;
import io.carrick.Registration;
import io.carrick.testkit.Await;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Flow;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Lambdas and method references as people write them, without a cast or a type argument: this class
 * compiles, and each means what it looks like.
 */
final class HandlerFormsTest {

  private final InMemoryPair pair = Messenger.inMemory();
  private final List<String> seen = new CopyOnWriteArrayList<>();

  @AfterEach
  void close() {
    pair.close();
  }

  /** Does for both forms of a handler: the one of the value is meant. */
  private static String greet(String name) {
    return "hello " + name;
  }

  private static String greet(String name, Call call) {
    return "hello " + name + " on " + call.message().topic();
  }

  private static String onTopic(String name, Call call) {
    return name + " on " + call.message().topic();
  }

  private String request(String topic) {
    return Await.result(pair.remote().request(topic, "ada", String.class));
  }

  @Test
  void requests() {
    Messenger server = pair.server();
    Map<String, String> names = Map.of("ada", "Ada");
    server.handle("a", String.class, name -> "hello " + name);
    server.handle("b", String.class, (name, call) -> onTopic(name, call));
    server.handle("c", String.class, HandlerFormsTest::greet);
    server.handle("d", String.class, HandlerFormsTest::onTopic);
    server.handle("e", String.class, names::get);
    server.handle("f", String.class, String::strip);
    server.handleAsync("g", String.class, name -> CompletableFuture.completedFuture(name));
    server.handleAsync(
        "h", String.class, (name, call) -> CompletableFuture.supplyAsync(() -> greet(name, call)));

    assertThat(List.of("a", "b", "c", "d", "e", "f", "g", "h").stream().map(this::request))
        .containsExactly(
            "hello ada",
            "ada on b",
            "hello ada",
            "ada on d",
            "Ada",
            "ada",
            "ada",
            "hello ada on h");
  }

  @Test
  void messagesThatNobodyWaitsFor() {
    Messenger server = pair.server();
    Map<String, String> byTopic = new ConcurrentHashMap<>();
    // List has add(element) and add(index, element).
    List<Registration> sends =
        List.of(
            server.handleSend("a", String.class, seen::add),
            server.handleSend("b", String.class, line -> seen.add(line)),
            server.handleSend("c", String.class, (line, call) -> seen.add(onTopic(line, call))),
            server.handleSend(
                "d", String.class, (line, call) -> byTopic.put(call.message().topic(), line)),
            server.subscribe("e/#", String.class, seen::add),
            server.subscribe("f/#", String.class, line -> seen.add(line)),
            server.subscribe("g/#", String.class, (line, call) -> seen.add(onTopic(line, call))));
    CompletableFuture<String> last = new CompletableFuture<>();
    Await.result(pair.remote().subscribe("e/#", String.class, seen::add));
    Await.result(
        pair.remote().subscribe("e/#", String.class, (line, message) -> last.complete(line)));

    for (String topic : List.of("a", "b", "c", "d")) {
      Await.result(pair.remote().send(topic, topic));
    }
    for (String topic : List.of("f/x", "g/x", "e/x")) {
      Await.result(pair.remote().publish(topic, topic));
    }

    assertThat(Await.result(last)).isEqualTo("e/x");
    Await.until("all seven came", () -> seen.size() == 7 && byTopic.size() == 1);
    assertThat(seen)
        .containsExactlyInAnyOrder("a", "b", "c on c", "e/x", "e/x", "f/x", "g/x on g/x");
    assertThat(byTopic).containsEntry("d", "d");
    sends.forEach(Registration::close);
  }

  @Test
  void streamsAndChannels() {
    Messenger server = pair.server();
    server.handleStream("a", String.class, name -> Flows.of(List.of(name)));
    server.handleStream("b", String.class, (name, call) -> Flows.of(List.of(greet(name, call))));
    server.handleChannel("c", String.class, values -> Flows.map(values, String::toUpperCase));
    server.handleChannel("d", String.class, (values, call) -> values);

    assertThat(all(pair.remote().stream("a", "ada", String.class))).containsExactly("ada");
    assertThat(all(pair.remote().stream("b", "ada", String.class)))
        .containsExactly("hello ada on b");
    assertThat(all(pair.remote().channel("c", Flows.of(List.of("x")), String.class)))
        .containsExactly("X");
    assertThat(all(pair.remote().channel("d", Flows.of(List.of("x")), String.class)))
        .containsExactly("x");
  }

  private static List<String> all(Flow.Publisher<String> items) {
    return Await.result(Flows.collect(items, 100, Collectors.toList()));
  }
}
