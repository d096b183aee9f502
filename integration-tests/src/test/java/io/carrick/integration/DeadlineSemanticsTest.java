package io.carrick.integration;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Call;
import io.carrick.CallContext;
import io.carrick.CallException;
import io.carrick.CallOptions;
import io.carrick.DeadlineExceededException;
import io.carrick.Delivered;
import io.carrick.Interceptor;
import io.carrick.Message;
import io.carrick.MessagingException;
import io.carrick.Remote;
import io.carrick.StatusCode;
import io.carrick.testkit.Await;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** The deadline of a call runs from the call on, whatever its interceptors do. */
@OverEachTransport
final class DeadlineSemanticsTest extends Semantics {

  private static final Duration SHORT = Duration.ofMillis(200);

  private final Holding holding = new Holding();

  DeadlineSemanticsTest(TestTransport transport) {
    super(transport);
  }

  private Remote within(Duration deadline) {
    return remote.with(CallOptions.DEFAULT.withDeadline(deadline));
  }

  /** One call of each pattern, and what becomes of it. */
  private static List<CompletableFuture<?>> each(Remote remote) {
    return List.of(
        remote.request("test/a", "x", String.class),
        remote.send("test/a", "x"),
        remote.publish("test/a", "x"),
        Items.of(remote.stream("test/a", "x", String.class)).end(),
        Items.of(remote.channel("test/a", Source.<String>silent(), String.class)).end(),
        Items.of(remote.subscription("test/a", String.class)).end(),
        remote.subscribe("test/a", String.class, text -> {}));
  }

  @Test
  void callsThatAnInterceptorHoldsEndByTheDeadline() {
    restart(b -> b, b -> b.interceptCalls(holding));
    await(remote.connect());

    for (CompletableFuture<?> call : each(within(SHORT))) {
      DeadlineExceededException failure = Failures.in(call, DeadlineExceededException.class);
      Failures.check(failure, StatusCode.DEADLINE_EXCEEDED, Delivered.NO, "test/a", "PT0.2S");
      assertThat(failure.retrySafe()).isTrue();
    }
    assertThat(holding.held).hasSize(3).allMatch(CompletableFuture::isCancelled);
  }

  @Test
  void callsToAPeerThatAnInterceptorHoldsEndByTheDeadline() {
    restart(b -> b.interceptCalls(holding), b -> b);
    await(remote.connect());
    Remote peer = server.peers().get(0).with(CallOptions.DEFAULT.withDeadline(SHORT));

    for (CompletableFuture<?> call : each(peer)) {
      Failures.in(call, StatusCode.DEADLINE_EXCEEDED, Delivered.NO);
    }
  }

  @Test
  void whatIsLetGoTooLateNeverBegins() {
    restart(b -> b, b -> b.interceptCalls(holding));
    AtomicInteger served = new AtomicInteger();
    server.handle("test/a", String.class, text -> served.incrementAndGet());
    server.handleStream(
        "test/a", String.class, text -> Source.of(1, i -> served.incrementAndGet()));
    await(remote.connect());
    List<CompletableFuture<?>> calls = each(within(SHORT));
    calls.forEach(call -> Failures.in(call, DeadlineExceededException.class));

    holding.letGo();

    await(remote.send("test/other", "x").handle((done, failure) -> null));
    assertThat(served).hasValue(0);
  }

  private static Flow.Publisher<Long> left(Call call) {
    return Source.of(1, i -> call.remaining().orElseThrow().toMillis());
  }

  @Test
  void theHandlerSeesTheTimeThatIsLeft() {
    restart(b -> b, b -> b.interceptCalls(holding));
    server.handle(
        "test/left", String.class, (text, call) -> call.remaining().orElseThrow().toMillis());
    server.handleStream("test/left", String.class, (String text, Call call) -> left(call));
    server.handleChannel("test/left", String.class, (values, call) -> left(call));
    await(remote.connect());
    Remote patient = within(Duration.ofSeconds(20));
    CompletableFuture<Long> reply = patient.request("test/left", "x", Long.class);
    Items<Long> stream = Items.of(patient.stream("test/left", "x", Long.class));
    Items<Long> channel =
        Items.of(patient.channel("test/left", Source.<String>silent(), Long.class));

    CompletableFuture.delayedExecutor(300, TimeUnit.MILLISECONDS).execute(holding::letGo);

    assertThat(await(reply)).isBetween(1L, 19_700L);
    assertThat(stream.complete()).allSatisfy(left -> assertThat(left).isBetween(1L, 19_700L));
    channel.awaitCount(1);
    assertThat(channel.list()).allSatisfy(left -> assertThat(left).isBetween(1L, 19_700L));
  }

  /** Tries again and again. */
  private static final class Retrying implements Interceptor {
    private final List<Throwable> failures = new CopyOnWriteArrayList<>();

    @Override
    public CompletionStage<Message> unary(
        CallContext call, Message message, Function<Message, CompletionStage<Message>> next) {
      return next.apply(message)
          .handle(
              (reply, failure) -> {
                if (failure == null) {
                  return CompletableFuture.completedStage(reply);
                }
                failures.add(failure);
                return failures.size() > 4
                    ? CompletableFuture.<Message>failedStage(failure)
                    : unary(call, message, next);
              })
          .thenCompose(Function.identity());
    }
  }

  @Test
  void anInterceptorThatTriesAgainSharesOneDeadline() {
    Retrying retrying = new Retrying();
    restart(b -> b, b -> b.interceptCalls(retrying));
    AtomicInteger served = new AtomicInteger();
    server.handleAsync(
        "test/never",
        String.class,
        (text, call) -> {
          served.incrementAndGet();
          return new CompletableFuture<String>();
        });
    await(remote.connect());

    MessagingException failure =
        Failures.in(
            within(SHORT).request("test/never", "x", String.class),
            DeadlineExceededException.class);

    assertThat(failure.delivered()).isEqualTo(Delivered.MAYBE);
    assertThat(served).hasValue(1);
  }

  @Test
  void whoGivesUpAnInterceptedCallEndsWhatItBegan() {
    restart(b -> b, b -> b.interceptCalls(new Twice()));
    AtomicInteger cancelled = new AtomicInteger();
    AtomicInteger served = new AtomicInteger();
    server.handleAsync(
        "test/never",
        String.class,
        (text, call) -> {
          call.onCancel(cancelled::incrementAndGet);
          served.incrementAndGet();
          return new CompletableFuture<String>();
        });
    await(remote.connect());

    CompletableFuture<String> first = remote.request("test/never", "x", String.class);
    Await.until(() -> served + " served", Await.LONG_ENOUGH, () -> served.get() == 2);
    first.cancel(true);
    Await.until(() -> cancelled + " cancelled", Await.LONG_ENOUGH, () -> cancelled.get() == 2);

    CompletableFuture<String> second =
        remote.request("test/never", "x", String.class).orTimeout(100, TimeUnit.MILLISECONDS);
    Await.until(
        () -> cancelled + " cancelled",
        Await.LONG_ENOUGH,
        () -> served.get() == 4 && cancelled.get() == 4);
    assertThat(second).isCompletedExceptionally();
  }

  /** Makes each call twice at once, as one that hedges does. */
  private static final class Twice implements Interceptor {
    @Override
    public CompletionStage<Message> unary(
        CallContext call, Message message, Function<Message, CompletionStage<Message>> next) {
      CompletionStage<Message> first = next.apply(message);
      return first.applyToEither(next.apply(message), Function.identity());
    }
  }

  @Test
  void whatAnInterceptorThrowsIsAFailureOfMessaging() {
    Interceptor throwing =
        new Interceptor() {
          @Override
          public CompletionStage<Message> unary(
              CallContext call, Message message, Function<Message, CompletionStage<Message>> next) {
            throw new IllegalStateException("boom");
          }

          @Override
          public Flow.Publisher<Message> stream(
              CallContext call, Message message, Function<Message, Flow.Publisher<Message>> next) {
            throw new IllegalStateException("boom");
          }
        };
    restart(b -> b, b -> b.interceptCalls(throwing));

    Failures.check(
        Failures.in(remote.request("test/a", "x", String.class), CallException.class),
        StatusCode.UNKNOWN,
        Delivered.MAYBE,
        "boom");
    Failures.check(
        Items.of(remote.stream("test/a", "x", String.class)).failure(CallException.class),
        StatusCode.UNKNOWN,
        Delivered.MAYBE,
        "boom");
  }
}
