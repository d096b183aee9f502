package io.carrick.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.carrick.Call;
import io.carrick.Messenger;
import io.carrick.Principal;
import io.carrick.Remote;
import io.carrick.Requirements;
import io.carrick.SecurityLevel;
import io.carrick.TlsConfig;
import io.carrick.testkit.Await;
import io.carrick.wire.v1.CarrickGrpc;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.netty.NettyChannelBuilder;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Security that one side needs, and what the other side has to give. */
@Timeout(60)
final class TlsNeedsTest {

  private static Messenger.Builder service() {
    return TestTls.messenger("orders").listen("grpcs://127.0.0.1:0").listen("grpc://127.0.0.1:0");
  }

  @Test
  void theNeedForMutualSecurityFindsThePathThatGivesIt() {
    try (Messenger orders = service().build();
        Messenger web = TestTls.messenger("web").build()) {
      orders.handle("who", String.class, (String text, Call call) -> call.principal().toString());
      Remote remote = web.connect(orders.endpoints().get(1), orders.endpoints().get(0));

      Remote mutual = remote.with(Requirements.security(SecurityLevel.MUTUAL));

      assertThat(Await.result(mutual.request("who", "", String.class)))
          .isEqualTo(new Principal("tls", "localhost").toString());
      assertThat(mutual.explain().chosen()).contains(orders.endpoints().get(0));
    }
  }

  @Test
  void aServiceThatAsksForNoCertificateDoesNotGiveMutualSecurity() {
    TlsConfig both = TestTls.MUTUAL;
    TlsConfig asksNobody =
        TlsConfig.builder()
            .identity(both.identity().file(), both.identity().key())
            .trust(both.trust().file())
            .build();
    try (Messenger orders =
            Messenger.builder("orders").tls(asksNobody).listen("grpcs://127.0.0.1:0").build();
        Messenger web = TestTls.messenger("web").build()) {
      Remote remote =
          web.connect(orders.endpoints().get(0)).with(Requirements.security(SecurityLevel.MUTUAL));

      assertThatThrownBy(() -> remote.request("x", "", String.class).join())
          .isInstanceOf(CompletionException.class)
          .hasMessageContaining("SERVER_AUTHENTICATED was reached where MUTUAL is needed");
    }
  }

  @Test
  void theFloorOfAServiceHoldsForPlainCallsAndHealthAnswersEverybody() throws Exception {
    try (Messenger orders = service().floor(SecurityLevel.MUTUAL).build()) {
      ManagedChannel channel =
          NettyChannelBuilder.forTarget(orders.endpoints().get(1).replace("grpc://", "dns:///"))
              .usePlaintext()
              .build();
      try {
        assertThatThrownBy(
                () -> CarrickGrpc.newBlockingStub(channel).request(PlainGrpc.call("x", "y")))
            .isInstanceOfSatisfying(
                StatusRuntimeException.class,
                e -> assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.PERMISSION_DENIED))
            .hasMessageContaining("this service requires MUTUAL");
        assertThat(
                HealthGrpc.newBlockingStub(channel)
                    .check(HealthCheckRequest.getDefaultInstance())
                    .getStatus())
            .isEqualTo(ServingStatus.SERVING);
      } finally {
        channel.shutdownNow();
      }
    }
  }
}
