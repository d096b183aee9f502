package io.carrick.transport.support;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.carrick.EndpointException;
import io.carrick.spi.Endpoint;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What endpoints of networks say. */
final class HostPortTest {

  private static HostPort of(String endpoint) {
    return HostPort.of(Endpoint.parse(endpoint), "x://host:port");
  }

  @Test
  void namesAndAddressesAreTakenAsTheyStand() {
    assertThat(of("x://svc_a.example.:0")).isEqualTo(new HostPort("svc_a.example.", 0));
    assertThat(of("x://127.0.0.1:65535")).isEqualTo(new HostPort("127.0.0.1", 65_535));
    assertThat(of("x://[::1]:80")).isEqualTo(new HostPort("[::1]", 80));
  }

  @Test
  void anAuthorityHasNoZone() {
    assertThat(new HostPort("[fe80::1%eth0]", 80).authority()).isEqualTo("[fe80::1]:80");
    assertThat(new HostPort("host", 80).authority()).isEqualTo("host:80");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"x:80", "x://host", "x://host:65536", "x://:80", "x://a:80/b", "x://a:80?b=on"})
  void anythingElseIsRefusedWithItsForm(String text) {
    assertThatThrownBy(() -> of(text))
        .isInstanceOf(EndpointException.class)
        .hasMessageContaining(text)
        .hasMessageEndingWith("write x://host:port");
  }

  @Test
  void aPortThatTheSystemChoseStandsInTheEndpoint() {
    assertThat(HostPort.withPort(Endpoint.parse("x://[::1]:0"), 7400))
        .isEqualTo(Endpoint.parse("x://[::1]:7400"));
    assertThat(HostPort.withPort(Endpoint.parse("x://a:7400"), 7400))
        .isEqualTo(Endpoint.parse("x://a:7400"));
  }

  @Test
  void optionsAreReadAndTakenOff() {
    Endpoint plain = Endpoint.parse("x://a:1");

    assertThat(EndpointOptions.of(plain, "one").isOn("one")).isFalse();
    EndpointOptions both =
        EndpointOptions.of(Endpoint.parse("x://a:1?one=on&two=off"), "one", "two");
    assertThat(both.endpoint()).isEqualTo(plain);
    assertThat(both.isOn("one")).isTrue();
    assertThat(both.isOn("two")).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"one", "one=1", "one=on&one=off", "two=on", "one=on&", "=on"})
  void optionsThatThereAreNotAreRefusedWithThoseThatThereAre(String query) {
    Endpoint endpoint = Endpoint.parse("x://a:1?" + query);

    assertThatThrownBy(() -> EndpointOptions.of(endpoint, "one"))
        .isInstanceOf(EndpointException.class)
        .hasMessageContaining("carries the query " + query)
        .hasMessageContaining("write one=on or one=off, or leave it away");
  }
}
