package io.carrick.samples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.carrick.Call;
import io.carrick.CallException;
import io.carrick.CallOptions;
import io.carrick.DeadlineExceededException;
import io.carrick.Emitter;
import io.carrick.FlowIterator;
import io.carrick.Flows;
import io.carrick.Interceptor;
import io.carrick.Message;
import io.carrick.Messenger;
import io.carrick.Priority;
import io.carrick.Registration;
import io.carrick.Remote;
import io.carrick.StatusCode;
import io.carrick.TypeRef;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The code of docs/api.md, word by word and in its order: {@link DocumentationTest} compares. */
@Timeout(60)
@SuppressWarnings("NullAway.Init") // open() comes first.
class ApiPageTest {

  record Hello(String name) {}

  record Greeting(String text) {}

  record Reading(String sensor, double degrees) {}

  @TempDir private Path directory;
  private Messenger shop;
  private Messenger web;
  private Remote remote;
  private final Kitchen kitchen = new Kitchen();
  private final BlockingQueue<Object> shown = new LinkedBlockingQueue<>();

  @BeforeEach
  void open() {
    String endpoint = "unix:" + directory.resolve("shop.sock");
    shop = Messenger.builder("shop").listen(endpoint).build();
    web = Messenger.builder("web").build();
    remote = web.connect(endpoint);
  }

  @AfterEach
  void close() {
    web.close();
    shop.close();
  }

  private void show(Object value) {
    shown.add(value);
  }

  private Object next() throws InterruptedException {
    Object value = shown.poll(10, TimeUnit.SECONDS);
    return value == null ? "nothing was shown" : value;
  }

  private static Reading read(String sensor) {
    return new Reading(sensor, sensor.equals("cellar") ? 12 : 21.5);
  }

  private static CompletableFuture<Greeting> lookUp(String name) {
    return CompletableFuture.supplyAsync(() -> new Greeting("Found " + name));
  }

  /** Cooks at its own time. */
  private static final class Kitchen {

    void cook(String day, Consumer<String> served, Runnable done) {
      new Thread(
              () -> {
                List.of("soup of " + day, "bread").forEach(served);
                done.run();
              })
          .start();
    }
  }

  @Test
  void requestAndReply() throws Exception {
    shop.handle("greet", Hello.class, hello -> new Greeting("Hello, " + hello.name()));

    Greeting greeting = remote.call("greet", new Hello("Ada"), Greeting.class);

    CompletableFuture<Greeting> reply = remote.request("greet", new Hello("Ada"), Greeting.class);

    assertThat(greeting.text()).isEqualTo("Hello, Ada");
    assertThat(reply.get(10, TimeUnit.SECONDS)).isEqualTo(greeting);
  }

  @Test
  void answersThatComeLaterOrNever() throws Exception {
    shop.handleAsync("later", Hello.class, hello -> lookUp(hello.name()));
    shop.handle(
        "never",
        Hello.class,
        hello -> {
          throw new CallException(StatusCode.NOT_FOUND, "nobody is called " + hello.name());
        });

    assertThat(remote.call("later", new Hello("Ada"), Greeting.class).text())
        .isEqualTo("Found Ada");
    assertThatThrownBy(() -> remote.call("never", new Hello("Ada"), Greeting.class))
        .isInstanceOfSatisfying(
            CallException.class, e -> assertThat(e.code()).isEqualTo(StatusCode.NOT_FOUND))
        .hasMessageContaining("nobody is called Ada");
  }

  @Test
  void aDeadline() {
    shop.handleAsync("slow", Hello.class, (hello, call) -> new CompletableFuture<Greeting>());

    Remote impatient = remote.withDeadline(Duration.ofMillis(200));

    assertThatThrownBy(() -> impatient.call("slow", new Hello("Ada"), Greeting.class))
        .isInstanceOf(DeadlineExceededException.class);
  }

  @Test
  void send() throws Exception {
    shop.handleSend("log", String.class, line -> show(line));
    remote.send("log", "started").join();

    assertThat(next()).isEqualTo("started");
  }

  @Test
  void whatAHandlerSees() throws Exception {
    shop.handleSend(
        "audit", String.class, (line, call) -> show(call.principal().kind() + " wrote " + line));
    shop.subscribe("rain/#", String.class, (mm, call) -> show(call.message().topic() + " " + mm));

    remote.send("audit", "a line").join();
    assertThat(next()).isEqualTo("unix wrote a line");
    remote.publish("rain/attic", "2").join();
    assertThat(next()).isEqualTo("rain/attic 2");
  }

  @Test
  void whatASubscriberSees() throws Exception {
    remote
        .subscribe("rain/#", String.class, (mm, message) -> show(message.topic() + " " + mm))
        .join();

    remote.publish("rain/attic", "2").join();
    assertThat(next()).isEqualTo("rain/attic 2");
  }

  @Test
  void messagesAsTheyCome() throws Exception {
    shop.handle("greet", Hello.class, hello -> new Greeting("Hello, " + hello.name()));

    Message reply = remote.call("greet", new Hello("Ada"), Message.class);
    Greeting decoded = web.decode(reply, Greeting.class);

    assertThat(decoded.text()).isEqualTo("Hello, Ada");
  }

  @Test
  void typesWithArguments() throws Exception {
    TypeRef<List<Reading>> readings = new TypeRef<>() {};
    shop.handle(
        "hottest", readings, list -> Collections.max(list, Comparator.comparing(Reading::degrees)));
    Reading hottest = remote.call("hottest", List.of(read("attic"), read("cellar")), Reading.class);

    assertThat(hottest).isEqualTo(read("attic"));

    shop.handle("all", TypeRef.of(String.class), readings, house -> List.of(read("attic")));
    List<Reading> all = remote.call("all", "mine", readings);

    assertThat(all).containsExactly(read("attic"));
  }

  @Test
  void callsWithinCalls() throws Exception {
    shop.handle("greet", Hello.class, hello -> new Greeting("Hello, " + hello.name()));
    String door = "unix:" + directory.resolve("far.sock");
    try (Messenger other = Messenger.builder("far").listen(door).build()) {
      other.handle("greet", Hello.class, (hello, call) -> new Greeting("Far " + call.priority()));
      Remote far = shop.connect(door);
      shop.handle(
          "relay",
          Hello.class,
          (hello, call) -> far.within(call).call("greet", hello, Greeting.class));

      Remote urgent = remote.with(CallOptions.DEFAULT.withPriority(Priority.HIGH));
      assertThat(urgent.call("relay", new Hello("Ada"), Greeting.class).text())
          .isEqualTo("Far HIGH");
    }
  }

  @Test
  void headersOfReplies() throws Exception {
    shop.handle(
        "page",
        String.class,
        (name, call) -> {
          call.replyHeader("etag", "17");
          return "page " + name;
        });

    assertThat(remote.call("page", "one", Message.class).headers().first("etag")).contains("17");
  }

  @Test
  void aroundCalls() throws Exception {
    final class Timed implements Interceptor {
      @Override
      public <T> T around(Call call, Callable<T> handler) throws Exception {
        long began = System.nanoTime();
        try {
          return handler.call();
        } finally {
          show(call.action() + " " + call.topic() + " took " + (System.nanoTime() - began) + " ns");
        }
      }
    }
    String door = "unix:" + directory.resolve("timed.sock");
    Messenger timed =
        Messenger.builder("timed")
            .listen(door)
            .apply(b -> b.interceptHandlers(new Timed()))
            .build();
    try (timed) {
      timed.handle("greet", Hello.class, hello -> new Greeting("Hello, " + hello.name()));

      assertThat(web.connect(door).call("greet", new Hello("Ada"), Greeting.class).text())
          .isEqualTo("Hello, Ada");
      assertThat(next().toString()).startsWith("REQUEST greet took ");
    }
  }

  @Test
  void stream() {
    shop.handleStream("readings", String.class, sensor -> Flows.generate(() -> read(sensor)));

    try (FlowIterator<Reading> readings =
        Flows.iterate(remote.stream("readings", "attic", Reading.class), 16)) {
      for (int i = 0; i < 3 && readings.hasNext(); i++) {
        show(readings.next());
      }
    }

    assertThat(List.copyOf(shown)).isEqualTo(Collections.nCopies(3, read("attic")));
  }

  @Test
  void streamOfWhatComes() throws Exception {
    shop.handleStream(
        "menu",
        String.class,
        day -> {
          Emitter<String> dishes = Emitter.create();
          kitchen.cook(day, dishes::offer, dishes::complete);
          return dishes;
        });

    CompletableFuture<Void> end =
        Flows.forEach(remote.stream("menu", "monday", String.class), dish -> show(dish));

    end.get(10, TimeUnit.SECONDS);
    assertThat(List.copyOf(shown)).isEqualTo(List.of("soup of monday", "bread"));
  }

  @Test
  void channel() {
    shop.handleChannel("upper", String.class, values -> Flows.map(values, String::toUpperCase));
    List<String> answers =
        Flows.collect(
                remote.channel("upper", Flows.of(List.of("a", "b")), String.class),
                1_000,
                Collectors.toList())
            .join();

    assertThat(answers).containsExactly("A", "B");
  }

  @Test
  void publishAndSubscribe() throws Exception {
    shop.subscribe("prices/#", String.class, price -> show("shop " + price));
    Registration subscription =
        remote.subscribe("prices/+", String.class, price -> show("web " + price)).join();
    remote.publish("prices/tin", "29.50").join();

    assertThat(Set.of(next(), next())).isEqualTo(Set.of("shop 29.50", "web 29.50"));
    subscription.close();
  }
}
