package io.carrick.transport.mqtt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.carrick.CallContext;
import io.carrick.CallException;
import io.carrick.ConnectException;
import io.carrick.DeliveryGuarantee;
import io.carrick.EndpointException;
import io.carrick.Headers;
import io.carrick.Interceptor;
import io.carrick.Message;
import io.carrick.MessagingException;
import io.carrick.Messenger;
import io.carrick.NoPathException;
import io.carrick.OverflowPolicy;
import io.carrick.OverloadedException;
import io.carrick.Registration;
import io.carrick.Remote;
import io.carrick.Requirements;
import io.carrick.SecurityLevel;
import io.carrick.StatusCode;
import io.carrick.Subscriber;
import io.carrick.testkit.Await;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Flow;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The topics of a real Mosquitto, with devices that know nothing of Carrick. */
@Timeout(90)
final class TopicsTest {

  private static final Duration PATIENCE = Duration.ofSeconds(40);
  private static final Requirements RELIABLE =
      Requirements.delivery(DeliveryGuarantee.AT_LEAST_ONCE);

  private final List<AutoCloseable> open = new ArrayList<>();
  private Mosquitto broker;

  @BeforeEach
  void start() {
    broker = Mosquitto.start();
  }

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable each : open) {
      each.close();
    }
    if (broker != null) {
      broker.close();
    }
  }

  private String topics() {
    return "mqtt://127.0.0.1:" + broker.port();
  }

  private Messenger messenger(Messenger.Builder builder) {
    Messenger messenger = builder.build();
    open.add(0, messenger);
    return messenger;
  }

  private Remote remote() {
    return messenger(Messenger.builder("client")).connect(topics());
  }

  private Device subscribes(String filter, String format, String... more) {
    Device device = Device.subscribes(broker, filter, format, more);
    open.add(0, device);
    return device;
  }

  private static <T> T result(CompletableFuture<T> future) {
    assertThat(future).succeedsWithin(PATIENCE);
    return future.join();
  }

  private static <E extends MessagingException> E failure(
      Class<E> type, CompletableFuture<?> future) {
    Throwable thrown = Await.failure(future, PATIENCE);
    assertThat(thrown).isInstanceOf(type);
    return type.cast(thrown);
  }

  @Test
  void aDeviceHasWhatIsPublishedWithItsHeadersInOrder() {
    Device device = subscribes("sensors/#", "got %t|%p|%C|%P|q%q");
    Remote remote = remote();
    Message message =
        Message.of("application/json", "{\"c\":21}".getBytes(StandardCharsets.UTF_8))
            .withHeaders(Headers.of("b", "1").with("a", "2").with("b", "3"));

    result(remote.publish("sensors/1", message));

    assertThat(device.line("got "))
        .isEqualTo("got sensors/1|{\"c\":21}|application/json|b:1 a:2 b:3|q0");
    assertThat(remote.explain().chosen()).contains(topics());
    assertThat(remote.endpoints()).containsExactly(topics());
  }

  @Test
  void whatADevicePublishesComesWithItsHeadersInOrder() {
    Remote remote = remote();
    CompletableFuture<Message> got = new CompletableFuture<>();
    CompletableFuture<String> text = new CompletableFuture<>();
    result(remote.subscribe("sensors/+", Message.class, m -> got.complete(m)));
    result(remote.subscribe("sensors/2", String.class, text::complete));

    Device.publishes(
        broker,
        "sensors/2",
        "21 °C",
        "-D",
        "PUBLISH",
        "content-type",
        "text/plain",
        "-D",
        "PUBLISH",
        "user-property",
        "b",
        "1",
        "-D",
        "PUBLISH",
        "user-property",
        "A",
        "2",
        "-D",
        "PUBLISH",
        "user-property",
        "b",
        "3",
        "-D",
        "PUBLISH",
        "user-property",
        "not one",
        "x");

    Message message = result(got);
    assertThat(message.topic()).isEqualTo("sensors/2");
    assertThat(message.text()).isEqualTo("21 °C");
    assertThat(message.contentType()).isEqualTo("text/plain");
    assertThat(message.headers())
        .isEqualTo(Headers.of("b", "1").with("a", "2").with("b", "3").with("mqtt-omitted", "1"));
    assertThat(result(text)).isEqualTo("21 °C");
  }

  @Test
  void qosFollowsTheDeliveryThatIsNeeded() {
    Device device = subscribes("q/#", "got %t q%q", "-q", "1");
    Remote remote = remote();

    result(remote.publish("q/0", "x"));
    result(remote.with(RELIABLE).publish("q/1", "x"));
    NoPathException twice =
        failure(
            NoPathException.class,
            remote.with(Requirements.delivery(DeliveryGuarantee.EXACTLY_ONCE)).publish("q/2", "x"));

    assertThat(device.line("got q/0")).isEqualTo("got q/0 q0");
    assertThat(device.line("got q/1")).isEqualTo("got q/1 q1");
    assertThat(twice).hasMessageContaining("a broker may deliver twice");
    assertThat(twice.rejections()).hasSize(1);
  }

  @Test
  void whatABrokerCannotGiveIsRefusedWithTheReason() {
    Remote remote = remote();

    assertThat(
            failure(
                NoPathException.class,
                remote.with(Requirements.security(SecurityLevel.MUTUAL)).publish("a", "x")))
        .hasMessageContaining("MUTUAL");
    assertThat(failure(NoPathException.class, remote.with(RELIABLE.durable()).publish("a", "x")))
        .hasMessageContaining("do not survive");
    assertThat(
            failure(
                NoPathException.class,
                remote.subscribe("a", String.class, OverflowPolicy.BLOCK, text -> {})))
        .hasMessageContaining("AT_LEAST_ONCE");
    CompletableFuture<Throwable> stream = new CompletableFuture<>();
    remote.stream("a", "x", String.class).subscribe(new Failing(stream));
    assertThat(result(stream)).isInstanceOf(NoPathException.class).hasMessageContaining("streams");
    remote.raiseFloor(SecurityLevel.ENCRYPTED);
    assertThat(failure(NoPathException.class, remote.publish("a", "x")))
        .hasMessageContaining("ENCRYPTED");
    Messenger careful =
        messenger(Messenger.builder("careful").floor(SecurityLevel.SERVER_AUTHENTICATED));
    assertThat(failure(NoPathException.class, careful.connect(topics()).publish("a", "x")))
        .hasMessageContaining("SERVER_AUTHENTICATED");
    assertThatThrownBy(() -> careful.connect(topics(), "memory:x"))
        .isInstanceOf(EndpointException.class)
        .hasMessageContaining("alone");
  }

  /** Keeps why it failed. */
  private record Failing(CompletableFuture<Throwable> why) implements Flow.Subscriber<String> {
    @Override
    public void onSubscribe(Flow.Subscription subscription) {
      subscription.request(1);
    }

    @Override
    public void onNext(String item) {}

    @Override
    public void onError(Throwable thrown) {
      why.complete(thrown);
    }

    @Override
    public void onComplete() {}
  }

  @Test
  void interceptorsStandAroundCallsAtTopics() {
    Queue<String> seen = new ConcurrentLinkedQueue<>();
    Remote remote =
        messenger(
                Messenger.builder("client")
                    .interceptCalls(
                        new Interceptor() {
                          @Override
                          public CompletionStage<Message> unary(
                              CallContext call,
                              Message message,
                              Function<Message, CompletionStage<Message>> next) {
                            seen.add(call.action() + " " + call.topic());
                            return next.apply(
                                message.withHeaders(message.headers().with("by", "me")));
                          }
                        }))
            .connect(topics());
    Device device = subscribes("i/#", "got %P");

    result(remote.publish("i/1", "x"));

    assertThat(device.line("got ")).isEqualTo("got by:me");
    assertThat(seen).containsExactly("PUBLISH i/1");
  }

  @Test
  void aServiceAnswersDevicesAndOthersWithoutKnowingThem() {
    Messenger service = messenger(Messenger.builder("orders").listen(topics()));
    service.handle("orders/echo", String.class, text -> "echo " + text);
    service.handle(
        "orders/none",
        String.class,
        text -> {
          throw new CallException(StatusCode.NOT_FOUND, "no such order");
        });
    CompletableFuture<String> sent = new CompletableFuture<>();
    service.handleSend("orders/note", String.class, sent::complete);
    CompletableFuture<String> heard = new CompletableFuture<>();
    service.subscribe("orders/+/seen", String.class, heard::complete);
    Remote remote = remote();
    Device device = subscribes("device/replies", "got %p|%D|%C");

    // What is subscribed a moment later is waited for: nobody listens until then.
    Await.until(
        "the service is there",
        () -> {
          try {
            return remote.request("orders/echo", "hi", String.class).join().equals("echo hi");
          } catch (CompletionException e) {
            assertThat(e).hasMessageContaining("no matching subscribers");
            return false;
          }
        });
    CallException none =
        failure(CallException.class, remote.request("orders/none", "x", String.class));
    Await.until(
        "its others are there",
        () -> !remote.send("orders/note", "note").isCompletedExceptionally() && sent.isDone());
    Device.publishes(
        broker,
        "orders/echo",
        "device",
        "-D",
        "PUBLISH",
        "response-topic",
        "device/replies",
        "-D",
        "PUBLISH",
        "correlation-data",
        "abc");
    Await.until(
        "it hears what it subscribed to",
        () -> {
          result(remote.publish("orders/1/seen", "seen"));
          return heard.isDone();
        });

    assertThat(none.code()).isEqualTo(StatusCode.NOT_FOUND);
    assertThat(none).hasMessageContaining("no such order");
    assertThat(result(sent)).isEqualTo("note");
    assertThat(device.line("got ")).isEqualTo("got echo device|abc|text/plain");
    assertThat(result(heard)).isEqualTo("seen");
  }

  @Test
  void aServiceThatClosesAnswersWhatItHasAndTakesNothingNew() {
    Messenger service = messenger(Messenger.builder("closing").listen(topics()));
    CompletableFuture<Void> begun = new CompletableFuture<>();
    CompletableFuture<Void> go = new CompletableFuture<>();
    service.handle(
        "slow",
        String.class,
        text -> {
          begun.complete(null);
          go.join();
          return "done";
        });
    service.subscribe("there", String.class, text -> {});
    Remote remote = remote();
    Await.until(
        "the service is there",
        () ->
            remote.with(RELIABLE).publish("there", "x").handle((done, none) -> none).join()
                == null);
    CompletableFuture<String> reply = remote.request("slow", "x", String.class);
    result(begun);

    CompletableFuture<Void> closed = CompletableFuture.runAsync(service::close);
    Await.until(
        "it takes nothing new",
        () ->
            remote.with(RELIABLE).publish("there", "x").handle((done, none) -> none).join()
                != null);
    go.complete(null);

    assertThat(result(reply)).isEqualTo("done");
    result(closed);
  }

  @Test
  void aDeviceAnswersRequests() throws Exception {
    Remote remote = remote();
    Device device = subscribes("lamp/set", "ask %R %D %E", "-q", "1");

    CompletableFuture<String> reply = remote.request("lamp/set", "on", String.class);
    String[] ask = device.line("ask ").split(" ");
    Device.publishes(broker, ask[1], "is on", "-D", "PUBLISH", "correlation-data", ask[2]);

    assertThat(result(reply)).isEqualTo("is on");
    assertThat(ask[1]).startsWith("carrick/v1/r/");
    assertThat(Integer.parseInt(ask[3])).isBetween(1, 30); // The deadline of 30 s.
  }

  @Test
  void nobodyListeningIsToldAtOnce() {
    Remote remote = remote();

    CallException request =
        failure(CallException.class, remote.request("nobody/there", "x", String.class));
    CallException publish =
        failure(CallException.class, remote.with(RELIABLE).publish("nobody/there", "x"));

    assertThat(request.code()).isEqualTo(StatusCode.UNAVAILABLE);
    assertThat(request).hasMessageContaining("0x10").hasMessageContaining("nobody has subscribed");
    assertThat(request.retrySafe()).isTrue();
    assertThat(publish.code()).isEqualTo(StatusCode.UNAVAILABLE);
    result(remote.publish("nobody/there", "x"));
  }

  @Test
  void instancesOfAServiceShareItsRequests() {
    Set<String> answered = ConcurrentHashMap.newKeySet();
    for (String each : List.of("one", "two")) {
      Messenger instance = messenger(Messenger.builder("workers").listen(topics()));
      instance.handle(
          "work",
          String.class,
          text -> {
            answered.add(each);
            return each;
          });
    }
    Remote remote = remote();

    Await.until(
        () -> "both answer: " + answered,
        PATIENCE,
        () -> {
          remote.request("work", "x", String.class).exceptionally(none -> "").join();
          return answered.size() == 2;
        });
  }

  @Test
  void aGroupSharesASubscription() {
    Queue<String> got = new ConcurrentLinkedQueue<>();
    for (int i = 0; i < 2; i++) {
      Remote member = remote();
      result(
          member
              .with(member.options().withHeader("mqtt-share", "team"))
              .with(RELIABLE)
              .subscribe("jobs/#", String.class, text -> got.add(text)));
    }
    Remote boss = remote().with(RELIABLE);

    List<CompletableFuture<Void>> all =
        IntStream.range(0, 100).mapToObj(i -> boss.publish("jobs/" + i, "" + i)).toList();
    all.forEach(TopicsTest::result);

    Await.until(() -> "each job once: " + got.size(), PATIENCE, () -> got.size() >= 100);
    assertThat(got).hasSize(100).doesNotHaveDuplicates();
  }

  @Test
  void aRetainedMessageIsThereForWhoComesLater() {
    Remote remote = remote();
    result(
        remote
            .with(remote.options().withHeader("mqtt-retain", "true"))
            .with(RELIABLE)
            .publish("state/door", "open"));
    CompletableFuture<Message> got = new CompletableFuture<>();

    result(remote().subscribe("state/#", Message.class, m -> got.complete(m)));

    assertThat(result(got).text()).isEqualTo("open");
    assertThat(result(got).headers().first("mqtt-retain")).contains("true");
  }

  @Test
  void overlappingFiltersGiveOneCopyToEach() {
    Remote remote = remote();
    Queue<String> wide = new ConcurrentLinkedQueue<>();
    Queue<String> narrow = new ConcurrentLinkedQueue<>();
    CompletableFuture<String> last = new CompletableFuture<>();
    result(remote.subscribe("o/#", String.class, text -> wide.add(text)));
    result(remote.subscribe("o/+", String.class, text -> narrow.add(text)));
    result(remote.subscribe("end", String.class, last::complete));

    result(remote.publish("o/1", "x"));
    result(remote.publish("end", "x"));

    result(last);
    Await.until("both have it", () -> wide.size() + narrow.size() >= 2);
    assertThat(wide).containsExactly("x");
    assertThat(narrow).containsExactly("x");
  }

  @Test
  void aSubscriberThatIsAwayGetsAllThatIsDurable() throws Exception {
    String at = topics() + "?client=reader";
    Messenger first = Messenger.builder("reader").build();
    CompletableFuture<String> one = new CompletableFuture<>();
    result(
        first
            .connect(at)
            .with(Requirements.NONE.durable())
            .subscribe("log/#", String.class, one::complete));
    Remote writer = messenger(Messenger.builder("writer")).connect(topics() + "?client=writer");
    Remote durable = writer.with(Requirements.NONE.durable());
    result(durable.publish("log/0", "0"));
    assertThat(failure(NoPathException.class, durable.request("log/0", "0", String.class)))
        .hasMessageContaining("waits for its reply");
    assertThat(result(one)).isEqualTo("0");
    first.close();

    for (int i = 1; i <= 500; i++) {
      result(durable.publish("log/" + i, "" + i));
    }
    Set<String> got = ConcurrentHashMap.newKeySet();
    Remote again = messenger(Messenger.builder("reader")).connect(at);
    // Messages come before it has subscribed: they wait for it.
    result(again.connect());
    result(
        again
            .with(Requirements.NONE.durable())
            .subscribe("log/#", String.class, text -> got.add(text)));

    List<String> all = IntStream.rangeClosed(1, 500).mapToObj(String::valueOf).toList();
    Await.until(() -> "all have come: " + got.size(), PATIENCE, () -> got.containsAll(all));
  }

  @Test
  void aBrokerKilledAndBackLosesNothingThatItTookAndTheGapIsTold() {
    Set<String> got = ConcurrentHashMap.newKeySet();
    Queue<Long> gaps = new ConcurrentLinkedQueue<>();
    result(
        remote()
            .with(RELIABLE)
            .subscribe(
                "k/#",
                String.class,
                new Subscriber<String>() {
                  @Override
                  public void onMessage(String value, Message message) {
                    got.add(value);
                  }

                  @Override
                  public void onGap(long missed) {
                    gaps.add(missed);
                  }
                }));
    Remote writer = remote().with(RELIABLE);
    result(writer.publish("k/first", "first"));

    broker.kill();
    List<CompletableFuture<Void>> sent =
        IntStream.range(0, 50).mapToObj(i -> writer.publish("k/" + i, "" + i)).toList();
    broker.run();

    // The reader may be back later than the writer: then nobody has subscribed, and that is told.
    Set<String> taken = new HashSet<>();
    for (int i = 0; i < sent.size(); i++) {
      Throwable refused = sent.get(i).handle((done, failure) -> failure).join();
      if (refused == null) {
        taken.add("" + i);
      } else {
        assertThat(refused).hasMessageContaining("no matching subscribers");
      }
    }
    Await.until(
        () -> "all that was taken has come: " + got, PATIENCE, () -> got.containsAll(taken));
    // It is told before the next message.
    Await.until(
        () -> "the gap is told: " + gaps,
        PATIENCE,
        () -> {
          writer.publish("k/last", "last").exceptionally(none -> null).join();
          return gaps.contains(-1L);
        });
  }

  @Test
  void aSlowReaderHoldsTheBrokerUpAndLosesNothing() {
    Remote reader = remote().with(RELIABLE);
    Queue<String> got = new ConcurrentLinkedQueue<>();
    CompletableFuture<Void> go = new CompletableFuture<>();
    result(
        reader.subscribe(
            "slow/#",
            String.class,
            OverflowPolicy.BLOCK,
            text -> {
              go.join();
              got.add(text);
            }));
    Remote writer = remote().with(RELIABLE);

    List<CompletableFuture<Void>> all =
        IntStream.range(0, 500).mapToObj(i -> writer.publish("slow/" + i, "" + i)).toList();
    all.forEach(TopicsTest::result);
    go.complete(null);

    Await.until(() -> "all have come: " + got.size(), PATIENCE, () -> got.size() >= 500);
    assertThat(got)
        .containsExactlyElementsOf(IntStream.range(0, 500).mapToObj(String::valueOf).toList());
  }

  @Test
  void aSlowReaderOfOthersIsToldWhatItMissed() {
    Remote reader = remote();
    CompletableFuture<Void> go = new CompletableFuture<>();
    CompletableFuture<Long> missed = new CompletableFuture<>();
    CompletableFuture<MessagingException> ended = new CompletableFuture<>();
    CompletableFuture<Void> begun = new CompletableFuture<>();
    result(
        reader.subscribe(
            "f/#", String.class, OverflowPolicy.DROP_OLDEST, new Slow(begun, go, missed, ended)));
    CompletableFuture<MessagingException> failed = new CompletableFuture<>();
    result(
        reader.subscribe(
            "f/+",
            String.class,
            OverflowPolicy.FAIL,
            new Slow(begun, go, new CompletableFuture<>(), failed)));
    CompletableFuture<String> last = new CompletableFuture<>();
    result(reader.with(RELIABLE).subscribe("end", String.class, last::complete));
    Remote writer = remote();
    result(writer.publish("f/x", "first"));
    result(begun);

    for (int i = 0; i < 3_000; i++) {
      result(writer.publish("f/" + i, "" + i));
    }
    result(writer.with(RELIABLE).publish("end", "all have come"));
    result(last);
    go.complete(null);

    assertThat(result(missed)).isPositive();
    assertThat(result(failed).code()).isEqualTo(StatusCode.RESOURCE_EXHAUSTED);
    assertThat(ended).isNotDone();
  }

  private record Slow(
      CompletableFuture<Void> begun,
      CompletableFuture<Void> go,
      CompletableFuture<Long> missed,
      CompletableFuture<MessagingException> ended)
      implements Subscriber<String> {

    @Override
    public void onMessage(String value, Message message) {
      begun.complete(null);
      go.join();
    }

    @Override
    public void onGap(long count) {
      missed.complete(count);
    }

    @Override
    public void onEnd(MessagingException reason) {
      ended.complete(reason);
    }
  }

  @Test
  void callsFromWithinCallbacksAreMade() {
    Remote remote = remote().with(RELIABLE);
    Queue<String> got = new ConcurrentLinkedQueue<>();
    result(
        remote.subscribe(
            "c/+",
            String.class,
            (text, message) -> {
              result(remote.subscribe("d/" + text, String.class, inner -> got.add(inner)));
              result(remote.publish("d/" + text, text));
            }));

    for (int i = 0; i < 100; i++) {
      result(remote.publish("c/" + i, "" + i));
    }

    Await.until(() -> "each was heard: " + got.size(), PATIENCE, () -> got.size() >= 100);
    assertThat(got).hasSize(100).doesNotHaveDuplicates();
  }

  @Test
  void aMessageThatTheBrokerDoesNotTakeIsRefusedBeforeItIsSent() {
    try (Mosquitto small = Mosquitto.start("max_packet_size 2000")) {
      Remote remote =
          messenger(Messenger.builder("client")).connect("mqtt://127.0.0.1:" + small.port());

      OverloadedException refused =
          failure(OverloadedException.class, remote.publish("big", "x".repeat(5_000)));

      assertThat(refused).hasMessageContaining("2000").hasMessageContaining("51");
      assertThat(refused.retrySafe()).isFalse();
      result(remote.publish("small", "x"));
    }
  }

  @Test
  void whatMqttCannotSayIsRefusedAndTheConnectionStays() {
    Messenger service = messenger(Messenger.builder("service").listen(topics()));
    service.handle(
        "bad",
        String.class,
        text -> Message.ofText("x").withHeaders(Headers.of("h", "half \ud83d")));
    Remote remote = remote();
    Message bad = Message.ofText("x").withHeaders(Headers.of("h", "half \ud83d"));

    CallException refused = failure(CallException.class, remote.with(RELIABLE).publish("a", bad));
    Await.until(
        "the service is there, and tells that its reply cannot be said",
        () ->
            String.valueOf(
                    remote.request("bad", "x", String.class).handle((reply, none) -> none).join())
                .contains("a reply cannot be published"));

    assertThat(refused.code()).isEqualTo(StatusCode.INVALID_ARGUMENT);
    assertThat(refused).hasMessageContaining("cannot be published");
    result(remote.publish("a", "x"));
  }

  @Test
  void aBrokerThatIsNotThereIsToldAndOneThatWentIsWaitedFor() {
    Remote remote = remote();
    result(remote.publish("a", "x"));
    broker.kill();
    CompletableFuture<Void> waits = remote.with(RELIABLE).send("a", "x");
    ConnectException none =
        failure(
            ConnectException.class,
            messenger(Messenger.builder("late")).connect(topics()).publish("a", "x"));
    broker.run();

    assertThat(none).hasMessageContaining(topics());
    assertThat(failure(CallException.class, waits)).hasMessageContaining("no matching");
    result(remote.publish("a", "x"));
  }

  @Test
  void aRegistrationThatIsClosedEndsTheSubscription() {
    Remote remote = remote().with(RELIABLE);
    Registration registration = result(remote.subscribe("r/1", String.class, text -> {}));
    result(remote.publish("r/1", "x"));

    registration.close();

    Await.until(
        "nobody listens any more",
        () -> remote.publish("r/1", "x").handle((done, none) -> none != null).join());
  }

  @Test
  void oneWhoseNameIsTakenOverIsToldAndComesBackNoMore() throws Exception {
    // CONNACK, and DISCONNECT with the reason code 0x8e, which Mosquitto 2.0 does not say.
    try (FakeBroker fake = new FakeBroker(0x20, 3, 0, 0, 0, 0xe0, 2, 0x8e, 0)) {
      Remote remote =
          messenger(Messenger.builder("one"))
              .connect(fake.endpoint().replace("/s", "?client=same"));

      CallException taken =
          failure(CallException.class, remote.subscribe("x", String.class, text -> {}));

      assertThat(taken).hasMessageContaining("another client took over as same");
      assertThat(failure(CallException.class, remote.publish("x", "y")))
          .hasMessageContaining("closed");
    }
  }
}
