package io.carrick.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.carrick.CallOptions;
import io.carrick.Delivered;
import io.carrick.MessagingException;
import io.carrick.OverloadedException;
import io.carrick.PathEvent;
import io.carrick.Priority;
import io.carrick.Registration;
import io.carrick.Remote;
import io.carrick.SecurityLevel;
import io.carrick.SessionLostException;
import io.carrick.StatusCode;
import io.carrick.testkit.Await;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/**
 * The Javadoc of Remote, in its order. Needs are in NeedsTest and BoundByNeedsTest, patterns in
 * their …SemanticsTest, connect() in GoneServiceTest, explain() in SelectionPageTest and
 * LatencyTest, moves in MoveTest, events in PathEventsTest.
 */
@OverEachTransport
final class RemotePageTest extends Semantics {

  RemotePageTest(TestTransport transport) {
    super(transport);
  }

  @Test
  void continuationsMayWaitForOtherResults() {
    server.handle("echo", String.class, text -> text);

    CompletableFuture<String> both =
        remote
            .request("echo", "a", String.class)
            .thenApply(first -> first + remote.request("echo", "b", String.class).join());

    assertThat(await(both)).isEqualTo("ab");
  }

  /** The session was lost, and nobody answers: calls wait. */
  private void lose() {
    await(remote.connect());
    server.close();
    Await.until("the loss is noticed", () -> remote.instance().isEmpty());
  }

  @Test
  void aCallWaitsForRoomWhile8MiBWait() {
    lose();
    byte[] mebibyte = new byte[1 << 20];
    for (int i = 0; i < 8; i++) {
      var unused = remote.send("topic", mebibyte);
    }

    Failures.in(
        remote
            .with(CallOptions.DEFAULT.withDeadline(Duration.ofMillis(300)))
            .send("topic", mebibyte),
        StatusCode.DEADLINE_EXCEEDED,
        Delivered.NO);
  }

  @Test
  void onAThreadOfCarrickItFailsInstead() {
    CompletableFuture<MessagingException> told = new CompletableFuture<>();
    CompletableFuture<String> reply = new CompletableFuture<>();
    server.handleAsync("first", String.class, (text, call) -> reply);
    client
        .connect(endpoint)
        .request("first", "x", String.class)
        .thenRun(
            () -> {
              lose();
              for (int i = 0; i < 1_024; i++) {
                assertThat(remote.send("topic", "x")).isNotDone();
              }
              told.complete(Failures.in(remote.send("topic", "x"), OverloadedException.class));
            })
        .whenComplete(
            (done, failure) -> {
              if (failure != null) {
                told.completeExceptionally(failure);
              }
            });
    // Not before: what is attached to a future that has completed runs where it is attached.
    reply.complete("x");

    MessagingException failure = await(told);
    Failures.check(failure, StatusCode.RESOURCE_EXHAUSTED, Delivered.NO);
    assertThat(failure.retrySafe()).isTrue();
  }

  @Test
  void aBadTopicThrowsAtOnce() {
    List<Consumer<Remote>> calls =
        List.of(
            r -> r.request("a b", "x", String.class),
            r -> r.send("a b", "x"),
            r -> r.stream("a b", "x", String.class),
            r -> r.channel("a b", Source.<String>silent(), String.class),
            r -> r.publish("a b", "x"),
            r -> r.subscribe("a b", String.class, text -> {}),
            r -> r.subscription("a b", String.class));

    for (Consumer<Remote> call : calls) {
      assertThatThrownBy(() -> call.accept(remote))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("a b");
    }
    assertThatThrownBy(() -> remote.publish("a/#", "x"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("a/#");
  }

  @Test
  void serviceAndInstanceAreEmptyUntilTheyAreLearned() {
    assertThat(remote.service()).isEmpty();
    assertThat(remote.instance()).isEmpty();
    assertThat(client.connectTo("server", endpoint).service()).contains("server");

    await(remote.connect());

    assertThat(remote.service()).contains("server");
    assertThat(remote.instance()).contains(server.instance());
    assertThat(remote.endpoints()).containsExactly(endpoint);
  }

  @Test
  void optionsAreThoseThatItsCallsAreMadeWith() {
    CallOptions options = CallOptions.DEFAULT.withPriority(Priority.HIGH).withHeader("a", "b");

    assertThat(remote.options()).isEqualTo(CallOptions.DEFAULT);
    assertThat(remote.with(options).options()).isEqualTo(options);
    assertThat(remote.options()).isEqualTo(CallOptions.DEFAULT);
  }

  @Test
  void aCallThatWaitsThrowsTheFailureItselfAndSaysWhereItWasMade() throws InterruptedException {
    server.handle("echo", String.class, text -> text);

    assertThat(remote.call("echo", "a", String.class)).isEqualTo("a");
    assertThatThrownBy(() -> remote.call("nobody", "a", String.class))
        .isInstanceOfSatisfying(
            MessagingException.class,
            e -> Failures.check(e, StatusCode.UNIMPLEMENTED, Delivered.NO))
        .satisfies(
            e ->
                assertThat(e.getSuppressed()[0].getStackTrace())
                    .anyMatch(at -> at.getClassName().equals(RemotePageTest.class.getName())));
  }

  @Test
  void aCallThatIsInterruptedIsCancelled() {
    CompletableFuture<Void> came = new CompletableFuture<>();
    CompletableFuture<Void> cancelled = new CompletableFuture<>();
    server.handleAsync(
        "never",
        String.class,
        (text, call) -> {
          call.onCancel(() -> cancelled.complete(null));
          came.complete(null);
          return new CompletableFuture<String>();
        });
    CompletableFuture<Throwable> thrown = new CompletableFuture<>();
    Thread caller =
        new Thread(
            () -> {
              try {
                remote.call("never", "a", String.class);
              } catch (Throwable e) {
                thrown.complete(e);
              }
            });
    caller.start();
    await(came);

    caller.interrupt();

    assertThat(await(thrown)).isInstanceOf(InterruptedException.class);
    await(cancelled);
  }

  @Test
  void aDeadlineIsGivenToAllCallsOfTheView() {
    assertThat(remote.withDeadline(Duration.ofSeconds(3)).options())
        .isEqualTo(remote.options().withDeadline(Duration.ofSeconds(3)));
  }

  @Test
  void theValuesOfAChannelAreSubscribedToWhenItsSessionHasOpened() {
    lose();
    Source<String> values = Source.of(1, i -> "x");
    Items<String> items = Items.of(remote.channel("echo", values, String.class));
    assertThat(values.requested()).isZero();

    server = TestTls.messenger("server").listen(endpoint).build();
    server.handleChannel("echo", String.class, (in, call) -> in);

    assertThat(items.complete()).containsExactly("x");
  }

  @Test
  void eachSubscriberOfASubscriptionHasItsOwnWhichEndsWhenItsSessionIsLost() {
    var flow = remote.subscription("news", String.class);
    Items<String> one = Items.of(flow);
    Items<String> two = Items.of(flow);
    Await.until(
        () -> one.count() + " and " + two.count(),
        Await.LONG_ENOUGH,
        () -> {
          await(server.publish("news", "x"));
          return one.count() > 0 && two.count() > 0;
        });

    one.cancel();
    int before = two.count();
    await(server.publish("news", "y"));
    two.awaitCount(before + 1);
    server.close();

    two.failure(MessagingException.class);
    assertThat(one.ended()).isFalse();
  }

  @Test
  void aListenerThatThrowsIsCalledAgainAndOneThatIsClosedIsNot() {
    List<PathEvent.What> thrown = new CopyOnWriteArrayList<>();
    List<PathEvent.What> closed = new CopyOnWriteArrayList<>();
    remote.onPathEvent(
        event -> {
          thrown.add(event.what());
          throw new IllegalStateException("a fault of the listener");
        });
    Registration registration = remote.onPathEvent(event -> closed.add(event.what()));
    registration.close();

    lose();

    Await.until(thrown::toString, Await.LONG_ENOUGH, () -> thrown.size() >= 2);
    assertThat(thrown).startsWith(PathEvent.What.CONNECTED).contains(PathEvent.What.LOST);
    assertThat(closed).isEmpty();
  }

  @Test
  void aFloorBelowThePresentOneChangesNothing() {
    remote.raiseFloor(SecurityLevel.MUTUAL);
    remote.raiseFloor(SecurityLevel.NONE);

    assertThat(remote.explain().candidates().get(0).eligible()).isEqualTo(!transport.isPlain());
  }

  @Test
  void closeLetsOpenCallsEnd() {
    CompletableFuture<String> open = held();
    CompletableFuture<Void> closed = CompletableFuture.runAsync(remote::close);
    Await.until(
        "it closes",
        () ->
            remote
                .request("holds", "y", String.class)
                .handle((reply, failure) -> failure != null)
                .getNow(false));
    assertThat(closed).isNotDone();

    gate.open();

    assertThat(await(open)).isEqualTo("x");
    await(closed);
    remote.close();
    Failures.in(remote.connect(), SessionLostException.class);
    assertThat(await(client.connect(endpoint).request("holds", "z", String.class))).isEqualTo("z");
  }
}
