package io.carrick.integration;

import static io.carrick.integration.TokenNodes.token;
import static io.carrick.integration.TokenNodes.whoAmI;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.carrick.Message;
import io.carrick.MessagingException;
import io.carrick.Messenger;
import io.carrick.Remote;
import io.carrick.SessionLostException;
import io.carrick.StatusCode;
import io.carrick.testkit.Await;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Sessions over gRPC that rest on a bearer token. */
@Timeout(60)
final class GrpcTokenSessionsTest {

  private static final Duration HOUR = Duration.ofHours(1);

  private final TokenNodes nodes = new TokenNodes();

  @AfterEach
  void close() throws Exception {
    nodes.close();
  }

  @Test
  void t14_aSessionWithATokenMovesToNoPathThatOthersCanRead(@TempDir Path directory)
      throws Exception {
    Messenger orders =
        nodes.serve(
            Messenger.builder("orders")
                .optionalTokens(nodes.verifier)
                .listen("grpc+unix:" + directory.resolve("g.sock"))
                .listen("unix:" + directory.resolve("u.sock"))
                .listen("grpc://127.0.0.1:0"));
    Messenger client = Messenger.builder("client").token(() -> token("alice", HOUR)).build();
    nodes.closing.add(client);
    List<String> endpoints = orders.endpoints();
    Remote remote = client.connect(endpoints.get(0), endpoints.get(1), endpoints.get(2));
    assertThat(whoAmI(remote)).startsWith("token:alice");

    remote.move(endpoints.get(1)).get(10, SECONDS);
    assertThat(remote.explain().chosen()).contains(endpoints.get(1));
    Throwable refused = catchThrowable(() -> remote.move(endpoints.get(2)).get(10, SECONDS));

    assertThat(refused).isInstanceOf(ExecutionException.class);
    assertThat(remote.explain().toString()).contains("others can read what passes");
    assertThat(whoAmI(remote)).startsWith("token:alice");
    assertThat(nodes.verified).as("a move shows no token").hasSize(1);
  }

  @Test
  void t14_aSessionOverGrpcIsRenewed() throws Exception {
    Messenger orders = nodes.inClear();
    Messenger client =
        Messenger.builder("client")
            .token(() -> token("alice", Duration.ofSeconds(2)))
            .tokensInClear()
            .build();
    nodes.closing.add(client);
    Remote remote = client.connect(orders.endpoints().get(0));
    assertThat(whoAmI(remote)).startsWith("token:alice");
    String session = orders.peers().get(0).toString();

    Await.until("two renewals", () -> nodes.verified.size() >= 3);

    assertThat(whoAmI(remote)).startsWith("token:alice");
    assertThat(orders.peers()).hasSize(1);
    assertThat(orders.peers().get(0)).hasToString(session);
  }

  @Test
  void t14_aBusySessionOverGrpcEndsWithItsTokenAndSaysWhy() throws Exception {
    Messenger orders = nodes.inClear();
    orders.handleStream("busy", Message.class, (message, call) -> new Ticking());
    String first = token("alice", Duration.ofMillis(1_500));
    AtomicBoolean renewed = new AtomicBoolean();
    Messenger client =
        Messenger.builder("client")
            .token(() -> renewed.get() ? token("alice", HOUR) : first)
            .tokensInClear()
            .build();
    nodes.closing.add(client);
    Remote remote = client.connect(orders.endpoints().get(0));
    Collected collected = new Collected();
    remote.stream("busy", Message.empty(), Message.class).subscribe(collected);

    Throwable end = collected.end.get(10, SECONDS);

    assertThat(collected.items).hasPositiveValue();
    assertThat(end).isInstanceOf(SessionLostException.class).hasMessageContaining("has expired");
    assertThat(((MessagingException) end).code()).isEqualTo(StatusCode.UNAUTHENTICATED);
    renewed.set(true);
    assertThat(whoAmI(remote)).startsWith("token:alice");
  }

  @Test
  void aTokenWinsOverACertificate() throws Exception {
    Messenger orders =
        nodes.serve(
            TestTls.messenger("orders")
                .optionalTokens(nodes.verifier)
                .listen("grpcs://127.0.0.1:0"));
    Messenger client = TestTls.messenger("web").token(() -> token("alice", HOUR)).build();
    Messenger other = TestTls.messenger("web").build();
    nodes.closing.add(client);
    nodes.closing.add(other);

    assertThat(whoAmI(client.connect(orders.endpoints().get(0)))).startsWith("token:alice");
    assertThat(whoAmI(other.connect(orders.endpoints().get(0)))).startsWith("tls:");
  }

  /** As many items as are asked for, at once. */
  private static final class Ticking implements Flow.Publisher<Message> {

    @Override
    public void subscribe(Flow.Subscriber<? super Message> subscriber) {
      subscriber.onSubscribe(
          new Flow.Subscription() {
            @Override
            public void request(long n) {
              for (long i = 0; i < n; i++) {
                subscriber.onNext(Message.ofText("tick"));
              }
            }

            @Override
            public void cancel() {}
          });
    }
  }

  private static final class Collected implements Flow.Subscriber<Message> {

    private final AtomicInteger items = new AtomicInteger();
    private final CompletableFuture<Throwable> end = new CompletableFuture<>();
    private Flow.Subscription subscription;

    @Override
    public void onSubscribe(Flow.Subscription given) {
      subscription = given;
      given.request(256);
    }

    @Override
    public void onNext(Message item) {
      if (items.incrementAndGet() % 128 == 0) {
        subscription.request(128);
      }
    }

    @Override
    public void onError(Throwable failure) {
      end.complete(failure);
    }

    @Override
    public void onComplete() {
      end.complete(new AssertionError("the stream completed"));
    }
  }
}
