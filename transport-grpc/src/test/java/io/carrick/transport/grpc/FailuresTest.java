package io.carrick.transport.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.spi.Endpoint;
import io.grpc.Status;
import java.net.ConnectException;
import org.junit.jupiter.api.Test;

class FailuresTest {

  private static final Endpoint ENDPOINT = Endpoint.parse("grpc://[2001:db8::1]:7400");

  @Test
  void whereNobodyListensTheServiceIsToBeStarted() {
    assertThat(advice("Connection refused")).contains("start the service there");
  }

  @Test
  void toStartTheServiceIsNoHelpWhereThisHostHasNoAddressToReachIt() {
    assertThat(advice("Cannot assign requested address: /[2001:db8:0:0:0:0:0:1]:7400"))
        .contains("this host has no address or no free port to reach that one from")
        .doesNotContain("start the service there");
  }

  private static String advice(String cause) {
    Status status = Status.UNAVAILABLE.withCause(new ConnectException(cause));
    return String.valueOf(Failures.connect(ENDPOINT, status).getMessage());
  }
}
