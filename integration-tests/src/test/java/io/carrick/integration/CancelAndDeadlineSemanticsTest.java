package io.carrick.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.carrick.Call;
import io.carrick.CallOptions;
import io.carrick.DeadlineExceededException;
import io.carrick.Delivered;
import io.carrick.HandlerOptions;
import io.carrick.StatusCode;
import io.carrick.testkit.Await;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

@OverEachTransport
final class CancelAndDeadlineSemanticsTest extends Semantics {

  private final CompletableFuture<Call> begun = new CompletableFuture<>();
  private final CompletableFuture<Call> cancelled = new CompletableFuture<>();

  CancelAndDeadlineSemanticsTest(TestTransport transport) {
    super(transport);
  }

  private void handleForEver(String topic) {
    server.handleAsync(
        topic,
        String.class,
        (text, call) -> {
          call.onCancel(() -> cancelled.complete(call));
          begun.complete(call);
          return new CompletableFuture<String>();
        });
  }

  @Test
  void aCancelledFutureCancelsTheCallAtThePeer() {
    handleForEver("test/never");
    CompletableFuture<String> reply = remote.request("test/never", "x", String.class);
    Call call = await(begun);
    assertThat(call.isCancelled()).isFalse();

    reply.cancel(true);

    assertThat(await(cancelled).isCancelled()).isTrue();
    assertThatThrownBy(reply::join).isInstanceOf(CancellationException.class);
  }

  @Test
  void aCancelledCallTellsLateListenersAtOnce() {
    handleForEver("test/never");
    CompletableFuture<String> reply = remote.request("test/never", "x", String.class);
    Call call = await(begun);
    reply.cancel(true);
    await(cancelled);

    assertThat(cancelled(call)).isDone();
  }

  @Test
  void aDeadlineEndsTheCallOnBothSides() {
    handleForEver("test/never");
    await(remote.connect());

    Duration deadline = Duration.ofMillis(100);
    DeadlineExceededException failure = expired(deadline);
    while (!begun.isDone()) { // What else runs here let it pass before the handler began.
      deadline = deadline.multipliedBy(2);
      failure = expired(deadline);
    }

    assertThat(await(begun).remaining().orElseThrow()).isLessThanOrEqualTo(deadline);
    Failures.check(failure, StatusCode.DEADLINE_EXCEEDED, Delivered.MAYBE, "test/never");
    assertThat(failure.retrySafe()).isFalse();
    // The time left was sent, so here it ends later by the way of the message; the cancel may be
    // first.
    assertThat(await(cancelled).remaining())
        .hasValueSatisfying(left -> assertThat(left).isLessThan(Duration.ofMillis(50)));
  }

  private DeadlineExceededException expired(Duration deadline) {
    return Failures.in(
        remote
            .with(CallOptions.DEFAULT.withDeadline(deadline))
            .request("test/never", "x", String.class),
        DeadlineExceededException.class);
  }

  @Test
  void theDeadlineOfAStreamIsForItsFirstItem() {
    server.handleStream("test/silent", String.class, text -> Source.<Long>silent());
    await(remote.connect());

    Items<Long> items =
        Items.of(
            remote.with(CallOptions.DEFAULT.withDeadline(Duration.ofMillis(50))).stream(
                "test/silent", "x", Long.class));

    Failures.check(
        items.failure(DeadlineExceededException.class),
        StatusCode.DEADLINE_EXCEEDED,
        Delivered.MAYBE,
        "test/silent");
  }

  @Test
  void aStreamThatHasBegunHasNoDeadline() {
    AtomicReference<Source<Long>> source = new AtomicReference<>();
    server.handleStream(
        "test/count",
        String.class,
        text -> {
          source.set(Source.endless());
          return source.get();
        });
    await(remote.connect());
    Duration deadline = Duration.ofMillis(200);
    Items<Long> items = counting(deadline);
    while (items.ended()) { // What else runs here let it pass before the stream began.
      deadline = deadline.multipliedBy(2);
      items = counting(deadline);
    }
    // Another call with a longer deadline tells that the stream's time has passed.
    handleForEver("test/never");
    expired(deadline.plusMillis(400));

    items.request(1);

    items.awaitCount(2);
    assertThat(items.ended()).isFalse();
    items.cancel();
    await(source.get().cancelled());
  }

  /** A stream with this deadline, once it has begun or was too late. */
  private Items<Long> counting(Duration deadline) {
    Items<Long> items = Items.asking(1);
    remote.with(CallOptions.DEFAULT.withDeadline(deadline)).stream("test/count", "x", Long.class)
        .subscribe(items);
    Await.until("it has begun or ended", () -> items.count() > 0 || items.ended());
    return items;
  }

  @Test
  void aCancelledSubscriptionCancelsTheStreamAtThePeer() {
    Source<Long> source = Source.endless();
    server.handleStream(
        "test/count",
        String.class,
        (String text, Call call) -> {
          call.onCancel(() -> cancelled.complete(call));
          return source;
        });
    Items<Long> items = Items.asking(5);
    remote.stream("test/count", "x", Long.class).subscribe(items);
    items.awaitCount(5);

    items.cancel();

    await(source.cancelled());
    assertThat(await(cancelled).isCancelled()).isTrue();
    assertThat(items.ends()).isZero();
  }

  @Test
  void aCallThatIsCancelledWhileItWaitsGivesItsPlaceBack() {
    server
        .with(HandlerOptions.DEFAULT.withConcurrency(1).withWaiting(1))
        .handle(
            "test/held",
            String.class,
            text -> {
              begun.complete(null);
              gate.pass();
              return text;
            });
    CompletableFuture<String> first = remote.request("test/held", "first", String.class);
    await(begun);
    for (int i = 0; i < 20; i++) {
      CompletableFuture<String> waiting = remote.request("test/held", "x", String.class);
      waiting.cancel(true);
      // One that was refused would have failed before this one, which comes behind it.
      await(remote.send("test/note", "x").handle((done, failure) -> null));
    }

    CompletableFuture<String> last = remote.request("test/held", "last", String.class);
    await(remote.send("test/note", "x").handle((done, failure) -> null));
    gate.open();

    assertThat(await(first)).isEqualTo("first");
    assertThat(await(last)).isEqualTo("last");
  }

  @Test
  void aCancelledSendIsNoHarm() {
    CompletableFuture<String> last = new CompletableFuture<>();
    server.handleSend(
        "test/note",
        String.class,
        text -> {
          if (text.equals("last")) {
            last.complete(text);
          }
        });
    for (int i = 0; i < 100; i++) {
      remote.send("test/note", "n" + i).cancel(true);
    }

    await(remote.send("test/note", "last"));

    await(last);
  }

  @Test
  void aDeadlineTooLongOrTooShortIsRefused() {
    assertThatThrownBy(() -> CallOptions.DEFAULT.withDeadline(Duration.ZERO))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("PT0S");
    assertThatThrownBy(() -> CallOptions.DEFAULT.withDeadline(Duration.ofDays(2)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("PT48H");
  }
}
