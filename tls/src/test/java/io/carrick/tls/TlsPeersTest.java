package io.carrick.tls;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Principal;
import io.carrick.certificates.CertificateAuthority;
import io.carrick.certificates.CertificateOrder;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

final class TlsPeersTest {

  private static final CertificateAuthority AUTHORITY = CertificateAuthority.create("authority");

  @Test
  void aSpiffeIdIsTheName() {
    assertThat(name("x", "orders.example", "spiffe://prod.example/ns/shop/sa/orders"))
        .isEqualTo("spiffe://prod.example/ns/shop/sa/orders");
  }

  @Test
  void twoUrisAreNoSpiffeId() {
    assertThat(name("x", "spiffe://prod.example/a", "spiffe://prod.example/b", "orders.example"))
        .isEqualTo("orders.example");
  }

  @Test
  void aUriWithStrangeCharactersIsNoSpiffeId() {
    assertThat(name("x", "spiffe://prod.example/a#b", "orders.example"))
        .isEqualTo("orders.example");
  }

  @Test
  void theFirstDnsNameThatIsNoPatternIsTheName() {
    assertThat(name("x", "*.example", "Orders.Example", "127.0.0.1")).isEqualTo("orders.example");
  }

  @Test
  void aCommonNameNamesNobody() {
    CertificateOrder order = CertificateOrder.of("orders", List.of(), Duration.ofHours(1));

    assertThat(TlsPeers.principal(AUTHORITY.issue(order).certificate())).isEqualTo(Principal.NONE);
  }

  @Test
  void withoutANameAmongTheAlternativesTheSubjectIsTheName() {
    assertThat(name("orders", "10.0.0.1")).isEqualTo("CN=orders");
  }

  private static String name(String commonName, String... alternativeNames) {
    CertificateOrder order =
        CertificateOrder.of(commonName, List.of(alternativeNames), Duration.ofHours(1));
    return TlsPeers.principal(AUTHORITY.issue(order).certificate()).name();
  }
}
