package io.carrick.integration;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Authorizer;
import io.carrick.Principal;
import io.carrick.testkit.Await;
import io.carrick.wire.v1.Kind;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** An authorizer that takes its time about plain gRPC calls: AuthorizerPageTest has sessions. */
@Timeout(60)
final class AuthorizerPlainTest {

  private static final long SOON_MICROS = 500_000;

  private final Semantics.Gate gate = new Semantics.Gate();
  private final AtomicInteger asking = new AtomicInteger();
  private final List<String> seen = new CopyOnWriteArrayList<>();
  private final PlainGrpc grpc = new PlainGrpc("", this::allows);
  private final ManagedChannel own = grpc.connect();

  private boolean allows(Principal principal, Authorizer.Action action, String topic) {
    if (topic.startsWith("slow")) {
      asking.incrementAndGet();
      gate.pass();
    }
    return !topic.endsWith("denied");
  }

  @AfterEach
  void close() throws InterruptedException {
    gate.open();
    own.shutdownNow();
    grpc.close();
  }

  private void awaitAsked(int count) {
    Await.until("the authorizer is asked", () -> asking.get() >= count);
  }

  private static final class Ignoring<T> implements StreamObserver<T> {
    @Override
    public void onNext(T item) {}

    @Override
    public void onError(Throwable failure) {}

    @Override
    public void onCompleted() {}
  }

  @Test
  void plainCallsGoOnBesideOneThatIsAskedAbout() {
    grpc.orders.handle("echo", String.class, text -> text);
    grpc.orders.handle("slow", String.class, text -> text);
    grpc.orders.handleSend("slow", String.class, seen::add);
    Replies slow = new Replies();
    grpc.stub.request(PlainGrpc.call("slow", "x"), slow);
    grpc.stub.send(PlainGrpc.call("slow", "x"), new Ignoring<>());
    grpc.stub.publish(PlainGrpc.call("slow", "x"), new Ignoring<>());
    grpc.stub.subscribe(PlainGrpc.call("slow", ""), new Replies());
    awaitAsked(4);

    assertThat(PlainGrpc.p99Micros(grpc.channel, 100)).isLessThan(SOON_MICROS);
    assertThat(PlainGrpc.p99Micros(own, 100)).isLessThan(SOON_MICROS);
    assertThat(seen).isEmpty();

    gate.open();
    assertThat(slow.nextText()).isEqualTo("x");
    Await.until("the message is there", () -> seen.equals(List.of("x")));
  }

  @Test
  void aProgramThatAsksToServeStallsNobodyAndServesWhenItMay() {
    grpc.orders.handle("echo", String.class, text -> text);
    ForeignResponder responder = ForeignResponder.of(own);
    responder.register(Kind.REQUEST, "slow", 0);
    responder.register(Kind.REQUEST, "fast", 0);
    awaitAsked(1);

    assertThat(responder.next().getRegistered().getTopic()).isEqualTo("fast");
    assertThat(PlainGrpc.p99Micros(own, 100)).isLessThan(SOON_MICROS);
    gate.open();
    assertThat(responder.next().getRegistered().getTopic()).isEqualTo("slow");
  }

  @Test
  void whoMayNotSubscribeOrServeIsToldSoLater() {
    ForeignResponder responder = ForeignResponder.of(own);
    responder.register(Kind.REQUEST, "slow/denied", 0);
    Replies replies = new Replies();
    grpc.stub.subscribe(PlainGrpc.call("slow/denied", ""), replies);
    awaitAsked(2);

    gate.open();

    assertThat(responder.next().getRefused().getMessage()).contains("may not SERVE slow/denied");
    assertThat(replies.failure().getStatus().getCode()).isEqualTo(Status.Code.PERMISSION_DENIED);
  }
}
