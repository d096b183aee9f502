package io.carrick.integration;

import static io.carrick.integration.PlainGrpc.call;
import static io.carrick.integration.PlainGrpc.trailer;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.carrick.Authorizer;
import io.carrick.ConnectException;
import io.carrick.Message;
import io.carrick.MessagingException;
import io.carrick.Messenger;
import io.carrick.Remote;
import io.carrick.StatusCode;
import io.carrick.TokenException;
import io.carrick.TokenVerifier;
import io.carrick.VerifiedToken;
import io.carrick.testkit.Await;
import io.carrick.wire.v1.Call;
import io.carrick.wire.v1.CarrickGrpc;
import io.carrick.wire.v1.Kind;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.SubmissionPublisher;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Bearer tokens over gRPC, of programs with and without the SDK. */
@Timeout(60)
final class GrpcTokensTest {

  private static final Duration HOUR = Duration.ofHours(1);

  private final List<AutoCloseable> closing = new ArrayList<>();
  private final List<String> verified = new CopyOnWriteArrayList<>();
  private final Set<String> asked = ConcurrentHashMap.newKeySet();

  /** {@code name~milliseconds}. */
  private final TokenVerifier verifier =
      token -> {
        verified.add(token);
        int at = token.indexOf('~');
        if (at < 0) {
          throw new TokenException(TokenException.Reason.UNTRUSTED, "forged");
        }
        return new VerifiedToken(
            token.substring(0, at), Instant.ofEpochMilli(Long.parseLong(token.substring(at + 1))));
      };

  private static String token(String name, Duration life) {
    return name + "~" + Instant.now().plus(life).toEpochMilli();
  }

  @AfterEach
  void close() throws Exception {
    for (int i = closing.size() - 1; i >= 0; i--) {
      closing.get(i).close();
    }
  }

  private Messenger serve(Messenger.Builder builder) {
    Authorizer authorizer =
        (principal, action, topic) -> {
          asked.add(principal + " " + action);
          return true;
        };
    Messenger orders = builder.authorizer(authorizer).build();
    closing.add(orders);
    orders.handle(
        "whoami",
        Message.class,
        (message, call) -> Message.ofText(call.principal() + " " + message.headers()));
    orders.handleStream(
        "endless", Message.class, (message, call) -> new SubmissionPublisher<Message>());
    orders.handleChannel(
        "open", Message.class, (values, call) -> new SubmissionPublisher<Message>());
    return orders;
  }

  private Messenger inClear() {
    return serve(
        Messenger.builder("orders").tokens(verifier).tokensInClear().listen("grpc://127.0.0.1:0"));
  }

  private ManagedChannel channel(Messenger orders) {
    ManagedChannel channel =
        NettyChannelBuilder.forTarget(orders.endpoints().get(0).replace("grpc://", "dns:///"))
            .usePlaintext()
            .build();
    closing.add(
        () -> {
          channel.shutdownNow();
          channel.awaitTermination(5, SECONDS);
        });
    return channel;
  }

  private static <T extends io.grpc.stub.AbstractStub<T>> T with(T stub, String... authorization) {
    Metadata metadata = new Metadata();
    for (String value : authorization) {
      metadata.put(Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), value);
    }
    return stub.withInterceptors(MetadataUtils.newAttachHeadersInterceptor(metadata));
  }

  private static StatusRuntimeException failure(
      CarrickGrpc.CarrickBlockingStub stub, String... authorization) {
    return catchThrowableOfType(
        StatusRuntimeException.class, () -> with(stub, authorization).request(call("whoami", "")));
  }

  @Test
  void t14_aPlainCallIsWhomItsTokenNames() {
    CarrickGrpc.CarrickBlockingStub stub = CarrickGrpc.newBlockingStub(channel(inClear()));

    String answer =
        with(stub, "bearer " + token("alice", HOUR))
            .request(call("whoami", ""))
            .getPayload()
            .toStringUtf8();

    assertThat(answer)
        .startsWith("token:alice")
        .doesNotContain("~")
        .doesNotContain("authorization");
    assertThat(asked).containsExactly("token:alice REQUEST");
  }

  @Test
  void t14_aPlainCallWithoutATrustedTokenIsRefused() {
    CarrickGrpc.CarrickBlockingStub stub = CarrickGrpc.newBlockingStub(channel(inClear()));
    String alice = "Bearer " + token("alice", HOUR);

    StatusRuntimeException missing = failure(stub);
    StatusRuntimeException basic = failure(stub, "Basic YTpi");
    StatusRuntimeException forged = failure(stub, "Bearer sEcReT");
    StatusRuntimeException two = failure(stub, alice, alice);
    StatusRuntimeException expired = failure(stub, "Bearer " + token("alice", HOUR.negated()));

    for (StatusRuntimeException e : List.of(missing, basic, forged, two, expired)) {
      assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.UNAUTHENTICATED);
      assertThat(e.getStatus().getDescription()).doesNotContain("sEcReT");
      assertThat(trailer(e, "carrick-delivered")).isEqualTo("no");
      assertThat(trailer(e, "carrick-retry")).isEqualTo("unsafe");
    }
    assertThat(missing.getStatus().getDescription()).contains("demands a token", "authorization");
    assertThat(basic.getStatus().getDescription()).contains("demands a token");
    assertThat(forged.getStatus().getDescription()).isEqualTo("the token was refused: get another");
    assertThat(expired.getStatus().getDescription()).contains("has expired");
    assertThat(asked).isEmpty();
    assertThat(with(stub, alice).request(call("whoami", "")).getPayload().toStringUtf8())
        .startsWith("token:alice");
  }

  @Test
  void t14_openCallsEndWhenTheirTokenDoes() {
    ManagedChannel channel = channel(inClear());
    CarrickGrpc.CarrickStub stub =
        with(CarrickGrpc.newStub(channel), "Bearer " + token("alice", Duration.ofSeconds(2)));
    Replies stream = new Replies();
    stub.stream(call("endless", ""), stream);
    Replies subscription = new Replies();
    stub.subscribe(Call.newBuilder().setTopic("news/#").build(), subscription);
    Replies values = new Replies();
    stub.channel(values).onNext(Call.newBuilder().setTopic("open").build());
    ForeignResponder responder = ForeignResponder.of(stub);
    responder.serving(Kind.REQUEST, "theirs");

    for (StatusRuntimeException end :
        List.of(stream.failure(), subscription.failure(), values.failure(), responder.failure())) {
      assertThat(end.getStatus().getCode()).isEqualTo(Status.Code.UNAUTHENTICATED);
      assertThat(end.getStatus().getDescription())
          .isEqualTo("the token of this call has expired: call again with a new one");
    }
    assertThat(asked)
        .contains(
            "token:alice STREAM",
            "token:alice SUBSCRIBE",
            "token:alice CHANNEL",
            "token:alice SERVE");
  }

  @Test
  void t14_tokensThatOthersCanReadAreNeitherSentNorTaken() {
    Messenger orders =
        serve(Messenger.builder("orders").tokens(verifier).listen("grpc://127.0.0.1:0"));
    Messenger client = Messenger.builder("client").token(() -> token("alice", HOUR)).build();
    closing.add(client);

    Throwable refused =
        catchThrowable(() -> client.connect(orders.endpoints().get(0)).connect().get(10, SECONDS));
    StatusRuntimeException plain =
        failure(CarrickGrpc.newBlockingStub(channel(orders)), "Bearer " + token("alice", HOUR));

    assertThat(refused.getCause())
        .isInstanceOf(ConnectException.class)
        .hasMessageContaining("no token is sent")
        .hasMessageContaining("grpcs://");
    assertThat(((MessagingException) refused.getCause()).code())
        .isEqualTo(StatusCode.FAILED_PRECONDITION);
    assertThat(plain.getStatus().getCode()).isEqualTo(Status.Code.FAILED_PRECONDITION);
    assertThat(plain.getStatus().getDescription()).contains("withdraw it", "grpcs://");
    assertThat(verified).isEmpty();
  }

  @Test
  void t14_aSessionWithATokenMovesToNoPathThatOthersCanRead(@TempDir Path directory)
      throws Exception {
    Messenger orders =
        serve(
            Messenger.builder("orders")
                .optionalTokens(verifier)
                .listen("grpc+unix:" + directory.resolve("g.sock"))
                .listen("unix:" + directory.resolve("u.sock"))
                .listen("grpc://127.0.0.1:0"));
    Messenger client = Messenger.builder("client").token(() -> token("alice", HOUR)).build();
    closing.add(client);
    List<String> endpoints = orders.endpoints();
    Remote remote = client.connect(endpoints.get(0), endpoints.get(1), endpoints.get(2));
    assertThat(whoAmI(remote)).startsWith("token:alice");

    remote.move(endpoints.get(1)).get(10, SECONDS);
    assertThat(remote.explain().chosen()).contains(endpoints.get(1));
    Throwable refused = catchThrowable(() -> remote.move(endpoints.get(2)).get(10, SECONDS));

    assertThat(refused).isInstanceOf(ExecutionException.class);
    assertThat(remote.explain().toString()).contains("others can read what passes");
    assertThat(whoAmI(remote)).startsWith("token:alice");
    assertThat(verified).as("a move shows no token").hasSize(1);
  }

  private static String whoAmI(Remote remote) throws Exception {
    return remote.request("whoami", Message.empty(), Message.class).get(10, SECONDS).text();
  }

  @Test
  void t14_aSessionOverGrpcIsRenewed() throws Exception {
    Messenger orders = inClear();
    Messenger client =
        Messenger.builder("client")
            .token(() -> token("alice", Duration.ofSeconds(2)))
            .tokensInClear()
            .build();
    closing.add(client);
    Remote remote = client.connect(orders.endpoints().get(0));
    assertThat(whoAmI(remote)).startsWith("token:alice");
    String session = orders.peers().get(0).toString();

    Await.until("two renewals", () -> verified.size() >= 3);

    assertThat(whoAmI(remote)).startsWith("token:alice");
    assertThat(orders.peers()).hasSize(1);
    assertThat(orders.peers().get(0)).hasToString(session);
  }
}
