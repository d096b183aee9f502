package io.carrick.integration;

import static io.carrick.integration.PlainGrpc.call;
import static io.carrick.integration.PlainGrpc.trailer;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.carrick.Message;
import io.carrick.testkit.Await;
import io.carrick.wire.v1.Call;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Who reads slowly makes the other side wait, in both directions. */
@Timeout(60)
final class GrpcPlainFlowTest {

  private static final int ITEM_BYTES = 64 * 1024;

  private final PlainGrpc grpc = new PlainGrpc();

  @AfterEach
  void close() throws InterruptedException {
    grpc.close();
  }

  @Test
  void t11_aStreamWaitsForACallerThatNeverReads() {
    byte[] bytes = new byte[ITEM_BYTES];
    Source<Message> source = Source.of(1_000_000, n -> Message.of(bytes));
    grpc.orders.handleStream("big", String.class, (String q) -> source);

    Replies never = Replies.unasked();
    grpc.stub.stream(call("big", ""), never);
    Await.until("the first items are made", () -> source.emitted() > 2);
    grpc.orders.handle("echo", String.class, text -> text);
    for (int i = 0; i < 200; i++) {
      assertThat(grpc.blocking.request(call("echo", "x")).getPayload().toStringUtf8())
          .isEqualTo("x");
    }

    // What is made lies in the windows of HTTP/2 on both sides, and a little in the writer.
    assertThat(source.emitted() * ITEM_BYTES).isLessThan(4 * 1024 * 1024);
    never.call().request(100);
    for (int i = 0; i < 100; i++) {
      assertThat(never.next().getPayload().size()).isEqualTo(ITEM_BYTES);
    }
    never.call().cancel("enough", null);
    Await.result(source.cancelled());
  }

  @Test
  void t11_manyCallersThatNeverReadFitIntoASmallHeap() throws Exception {
    try (ChildJvm child =
        ChildJvm.start(NeverReading.class, List.of("-Xmx64m", "-XX:MaxDirectMemorySize=64m"))) {
      int exit = child.exit(Duration.ofSeconds(50));

      List<String> lines = child.lines();
      String made =
          lines.stream().filter(line -> line.startsWith("made-kib ")).findAny().orElse("");
      System.out.println("180 callers that never read: " + made);
      assertThat(exit).as("what it printed: %s", lines).isZero();
      assertThat(lines).contains("streams 180", "done").noneMatch(l -> l.contains("OutOfMemory"));
      assertThat(Long.parseLong(made.substring("made-kib ".length()))).isLessThan(180 * (64 + 128));
    }
  }

  @Test
  void t11_aStreamAsksForFewItemsAheadWhenTheyAreLarge() {
    byte[] bytes = new byte[1024 * 1024];
    Source<Message> source = Source.of(1_000, n -> Message.of(bytes));
    grpc.orders.handleStream("huge", String.class, (String q) -> source);

    Replies never = Replies.unasked();
    grpc.stub.stream(call("huge", ""), never);
    Await.until("items are made", () -> source.emitted() > 0);
    never.call().request(10);
    for (int i = 0; i < 10; i++) {
      never.next();
    }

    assertThat(source.requested()).isLessThan(10 + 10);
  }

  @Test
  void t11_aSubscriberThatNeverReadsIsEndedAndOthersAreUntouched() {
    Replies never = Replies.unasked();
    grpc.stub.subscribe(Call.newBuilder().setTopic("news").build(), never);
    Replies quick = Replies.ofSubscription(grpc, "news");
    // Its place is known once a publish counts it: headers that nobody asked for do not come.
    byte[] bytes = new byte[ITEM_BYTES];
    for (int i = 0; i < 100; i++) {
      grpc.blocking.publish(
          Call.newBuilder().setTopic("news").setPayload(ByteString.copyFrom(bytes)).build());
      assertThat(quick.next().getPayload().size()).isEqualTo(ITEM_BYTES);
    }

    never.call().request(1_000);
    StatusRuntimeException e = never.failure();
    assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
    assertThat(e.getStatus().getDescription()).contains("take them faster");
    assertThat(trailer(e, "carrick-delivered")).isEqualTo("yes");
  }

  @Test
  void aChannelGivesAndTakesInOrder() {
    grpc.orders.handleChannel("upper", String.class, (values, call) -> new Mapped(values));
    Replies replies = new Replies();
    StreamObserver<Call> values = grpc.stub.channel(replies);

    values.onNext(Call.newBuilder().setTopic("upper").setContentType("text/plain").build());
    for (int i = 0; i < 100; i++) {
      // The content type is that of the message before.
      values.onNext(Call.newBuilder().setPayload(ByteString.copyFromUtf8("value " + i)).build());
    }
    values.onCompleted();

    for (int i = 0; i < 100; i++) {
      assertThat(replies.nextText()).isEqualTo("VALUE " + i);
    }
    Await.result(replies.end());
  }

  @Test
  void t11_aChannelThatTakesNothingMakesItsCallerWait() {
    AtomicInteger taken = new AtomicInteger();
    CompletableFuture<Flow.Subscription> demand = new CompletableFuture<>();
    grpc.orders.handleChannel(
        "lazy",
        Message.class,
        (values, call) -> {
          values.subscribe(new Taking(taken, demand));
          return Source.silent();
        });
    ClientCallStreamObserver<Call> caller =
        (ClientCallStreamObserver<Call>) grpc.stub.channel(new Replies());
    caller.onNext(Call.newBuilder().setTopic("lazy").build());
    Flow.Subscription subscription = Await.result(demand);

    Call value = Call.newBuilder().setPayload(ByteString.copyFrom(new byte[ITEM_BYTES])).build();
    AtomicInteger sent = new AtomicInteger();
    long[] last = {System.nanoTime()};
    Await.until(
        () -> "the caller has to wait; it sent " + sent,
        Await.LONG_ENOUGH,
        () -> {
          while (caller.isReady() && sent.get() < 1_000) {
            caller.onNext(value);
            sent.incrementAndGet();
            last[0] = System.nanoTime();
          }
          return System.nanoTime() - last[0] > 300_000_000L;
        });

    assertThat(sent.get() * ITEM_BYTES).isLessThan(4 * 1024 * 1024);
    assertThat(taken).hasValue(0);
    subscription.request(3);
    Await.until("three are taken", () -> taken.get() == 3);
  }

  @Test
  void aChannelThatIsNotOpenedByItsFirstMessageIsInvalid() {
    List<Call> wrong = new ArrayList<>();
    wrong.add(call("upper", "a payload too early"));
    wrong.add(Call.newBuilder().build());
    for (Call first : wrong) {
      Replies replies = new Replies();
      grpc.stub.channel(replies).onNext(first);
      assertThat(replies.failure().getStatus().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
    }
    Replies replies = new Replies();
    grpc.stub.channel(replies).onCompleted();
    assertThat(replies.failure().getStatus().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
  }

  @Test
  void aChannelGoesOnWhileItsHandlerTakesValuesAfterTheLastReply() {
    CompletableFuture<List<String>> all = new CompletableFuture<>();
    grpc.orders.handleChannel(
        "upload",
        String.class,
        (values, call) -> {
          Items<String> items = Items.of(values);
          items.end().whenComplete((done, thrown) -> all.complete(items.list()));
          return Source.of(1, n -> "begun");
        });
    Replies replies = new Replies();
    StreamObserver<Call> values = grpc.stub.channel(replies);
    values.onNext(Call.newBuilder().setTopic("upload").setContentType("text/plain").build());
    assertThat(replies.nextText()).isEqualTo("begun");

    for (int i = 0; i < 20; i++) {
      values.onNext(Call.newBuilder().setPayload(ByteString.copyFromUtf8("" + i)).build());
    }
    values.onCompleted();

    assertThat(Await.result(all)).hasSize(20).startsWith("0").endsWith("19");
    Await.result(replies.end());
  }

  @Test
  void aCallerThatGoesAwayFailsTheValuesOfItsChannel() {
    CompletableFuture<Throwable> failure = new CompletableFuture<>();
    grpc.orders.handleChannel(
        "lost",
        String.class,
        (values, call) -> {
          Items<String> items = Items.of(values);
          items.end().whenComplete((done, thrown) -> failure.complete(thrown));
          return Source.of(1, n -> "begun");
        });
    Replies replies = new Replies();
    ClientCallStreamObserver<Call> caller =
        (ClientCallStreamObserver<Call>) grpc.stub.channel(replies);
    caller.onNext(Call.newBuilder().setTopic("lost").build());
    replies.next();

    caller.cancel("gone", null);

    assertThat(Await.result(failure)).hasMessageContaining("went away");
  }

  /** Upper case of what comes. */
  private record Mapped(Flow.Publisher<String> values) implements Flow.Publisher<String> {

    @Override
    public void subscribe(Flow.Subscriber<? super String> subscriber) {
      values.subscribe(
          new Flow.Subscriber<>() {
            @Override
            public void onSubscribe(Flow.Subscription s) {
              subscriber.onSubscribe(s);
            }

            @Override
            public void onNext(String item) {
              subscriber.onNext(item.toUpperCase(Locale.ROOT));
            }

            @Override
            public void onError(Throwable failure) {
              subscriber.onError(failure);
            }

            @Override
            public void onComplete() {
              subscriber.onComplete();
            }
          });
    }
  }

  private record Taking(AtomicInteger taken, CompletableFuture<Flow.Subscription> demand)
      implements Flow.Subscriber<Message> {

    @Override
    public void onSubscribe(Flow.Subscription s) {
      demand.complete(s);
    }

    @Override
    public void onNext(Message item) {
      taken.incrementAndGet();
    }

    @Override
    public void onError(Throwable failure) {}

    @Override
    public void onComplete() {}
  }
}
