package io.carrick.integration;

import static io.carrick.integration.PlainGrpc.call;
import static io.carrick.integration.PlainGrpc.trailer;
import static io.carrick.integration.TokenNodes.token;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.carrick.ConnectException;
import io.carrick.MessagingException;
import io.carrick.Messenger;
import io.carrick.StatusCode;
import io.carrick.wire.v1.Call;
import io.carrick.wire.v1.CarrickGrpc;
import io.carrick.wire.v1.Kind;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Bearer tokens over gRPC, of programs with and without the SDK. */
@Timeout(60)
final class GrpcTokensTest {

  private static final Duration HOUR = Duration.ofHours(1);

  private final TokenNodes nodes = new TokenNodes();

  @AfterEach
  void close() throws Exception {
    nodes.close();
  }

  private ManagedChannel channel(Messenger orders) {
    ManagedChannel channel =
        NettyChannelBuilder.forTarget(orders.endpoints().get(0).replace("grpc://", "dns:///"))
            .usePlaintext()
            .build();
    nodes.closing.add(
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
    CarrickGrpc.CarrickBlockingStub stub = CarrickGrpc.newBlockingStub(channel(nodes.inClear()));

    String answer =
        with(stub, "bearer " + token("alice", HOUR))
            .request(call("whoami", ""))
            .getPayload()
            .toStringUtf8();

    assertThat(answer)
        .startsWith("token:alice")
        .doesNotContain("~")
        .doesNotContain("authorization");
    assertThat(nodes.asked).containsExactly("token:alice REQUEST");
  }

  @Test
  void t14_aPlainCallWithoutATrustedTokenIsRefused() {
    CarrickGrpc.CarrickBlockingStub stub = CarrickGrpc.newBlockingStub(channel(nodes.inClear()));
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
    assertThat(nodes.asked).isEmpty();
    assertThat(with(stub, alice).request(call("whoami", "")).getPayload().toStringUtf8())
        .startsWith("token:alice");
  }

  @Test
  void t14_openCallsEndWhenTheirTokenDoes() {
    ManagedChannel channel = channel(nodes.inClear());
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
    assertThat(nodes.asked)
        .contains(
            "token:alice STREAM",
            "token:alice SUBSCRIBE",
            "token:alice CHANNEL",
            "token:alice SERVE");
  }

  @Test
  void t14_tokensThatOthersCanReadAreNeitherSentNorTaken() {
    Messenger orders =
        nodes.serve(
            Messenger.builder("orders").tokens(nodes.verifier).listen("grpc://127.0.0.1:0"));
    Messenger client = Messenger.builder("client").token(() -> token("alice", HOUR)).build();
    nodes.closing.add(client);

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
    assertThat(nodes.verified).isEmpty();
  }
}
