package io.carrick.core.select;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.carrick.AdvertisedEndpoints;
import io.carrick.Principal;
import io.carrick.SecurityLevel;
import io.carrick.spi.Endpoint;
import io.carrick.spi.PeerInfo;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a hostile peer advertises is not dialled (T19). Nothing here asks the system or dials. */
class AdvertisedPolicyTest {

  private static final Path OURS = Path.of("/run/orders");
  private static final Endpoint SOCKET = Endpoint.parse("unix:/run/orders/b.sock");
  private static final AdvertisedPolicy.Source SAME_HOST =
      new AdvertisedPolicy.Source(true, "grpc://10.0.0.7:7400");

  /** A host of its own: sockets, links and names as a test says. */
  private static final class Fake implements Surroundings {
    private final Map<String, FileFacts> files = new HashMap<>();
    private final Map<String, String> links = new HashMap<>();
    private final Map<String, String> names = new HashMap<>();
    private final List<String> asked = new ArrayList<>();

    @Override
    public List<InetAddress> resolve(String host) throws IOException {
      asked.add(host);
      String address = names.get(host);
      if (address == null) {
        throw new UnknownHostException(host);
      }
      return List.of(InetAddress.getByName(address));
    }

    @Override
    public Path realDirectory(Path directory) {
      return Path.of(links.getOrDefault(directory.toString(), directory.toString()));
    }

    @Override
    public FileFacts facts(Path file) throws IOException {
      FileFacts facts = files.get(file.toString());
      if (facts == null) {
        throw new IOException("no such file " + file);
      }
      return facts;
    }
  }

  private final Fake host = new Fake();

  private AdvertisedPolicy policy(AdvertisedEndpoints policy, String... configured) {
    return new AdvertisedPolicy(
        policy,
        List.of(configured).stream().map(Endpoint::parse).toList(),
        List.of(OURS),
        "app",
        Set.of("unix", "grpc", "grpcs")::contains,
        host);
  }

  private static Endpoint dialled(AdvertisedPolicy policy, String text) {
    return policy.check(Endpoint.parse(text), SAME_HOST).dial();
  }

  @Test
  void t19_aSocketOfOurOwnUserInOurDirectoryIsDialled() {
    host.files.put("/run/orders/b.sock", new Surroundings.FileFacts(true, "app"));
    AdvertisedPolicy policy = policy(AdvertisedEndpoints.SAME_HOST);

    assertThat(dialled(policy, "unix:/run/orders/b.sock"))
        .isEqualTo(Endpoint.parse("unix:/run/orders/b.sock"));
    assertThat(
            policy
                .check(
                    Endpoint.parse("unix:/run/orders/b.sock"),
                    new AdvertisedPolicy.Source(false, "x"))
                .reason())
        .contains("did not prove to be on this host");
    assertThat(dialled(policy(AdvertisedEndpoints.NONE), "unix:/run/orders/b.sock")).isNull();
  }

  @Test
  void t19_aCertificateThereMustBeForTheConfiguredHost() {
    AdvertisedPolicy policy =
        policy(
            AdvertisedEndpoints.listed("10.0.0.0/8:*"),
            "grpc://first.example:7400",
            "grpcs://orders.example:7443");

    Endpoint dialled = Objects.requireNonNull(dialled(policy, "grpcs://10.0.0.7:7443"));

    assertThat(dialled.toString()).isEqualTo("grpcs://10.0.0.7:7443");
    assertThat(dialled.serverName()).isEqualTo("orders.example");
  }

  @Test
  void t19_otherSocketsAreNotDialled() {
    host.files.put("/var/run/docker.sock", new Surroundings.FileFacts(true, "root"));
    host.files.put("/run/orders/root.sock", new Surroundings.FileFacts(true, "root"));
    host.files.put("/run/orders/file", new Surroundings.FileFacts(false, "app"));
    host.files.put("/etc/evil.sock", new Surroundings.FileFacts(true, "app"));
    host.links.put("/run/link", "/etc");
    AdvertisedPolicy policy = policy(AdvertisedEndpoints.SAME_HOST);

    for (String text :
        List.of(
            "unix:/var/run/docker.sock",
            "unix:/run/orders/root.sock",
            "unix:/run/orders/file",
            "unix:/run/orders/absent.sock",
            "unix:/run/link/evil.sock",
            "unix:/run/orders/../../var/run/docker.sock",
            "unix:relative.sock",
            "unix://host/run/orders/b.sock",
            "unix:/")) {
      assertThat(dialled(policy, text)).as(text).isNull();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "grpc://127.0.0.1:22",
        "grpc://127.8.8.8:22",
        "grpc://169.254.169.254:80",
        "grpc://0.0.0.0:22",
        "grpc://224.0.0.1:22",
        "grpc://255.255.255.255:22",
        "grpc://[::1]:22",
        "grpc://[fe80::1]:22",
        "grpc://[::]:22",
        "grpc://[::ffff:127.0.0.1]:22",
        "grpc://[64:ff9b::7f00:1]:22",
        "grpc://sneaky.example:22",
        "grpc://orders.example:22",
        "grpc://10.0.0.7",
        "grpc://user@10.0.0.7:22",
        "http://10.0.0.7:80",
        "grpc://10.0.0.7:22?x=y",
        "grpc://10.0.0.7:22#x"
      })
  void t19_addressesOfThisHostAndOfItsLinkAreNotDialled(String text) {
    host.names.put("sneaky.example", "127.0.0.1");
    host.names.put("orders.example", "169.254.169.254");
    for (AdvertisedEndpoints scope :
        List.of(
            AdvertisedEndpoints.SAME_HOST,
            AdvertisedEndpoints.SAME_NAME,
            AdvertisedEndpoints.listed("*.example:*", "0.0.0.0/0:*"))) {
      AdvertisedPolicy policy = policy(scope, "grpc://orders.example:7400");
      List<Endpoint> admitted = policy.admissible(List.of(text));
      assertThat(admitted)
          .as("%s under %s", text, scope)
          .allSatisfy(e -> assertThat(policy.check(e, SAME_HOST).dial()).isNull());
    }
  }

  @Test
  void t19_aNameIsResolvedOnceAndDialledAsTheAddressThatWasChecked() {
    host.names.put("orders.example", "10.0.0.9");
    AdvertisedPolicy policy = policy(AdvertisedEndpoints.SAME_NAME, "grpc://orders.example:7400");

    assertThat(dialled(policy, "grpc://orders.example:7500"))
        .isEqualTo(Endpoint.parse("grpc://10.0.0.9:7500"));
    assertThat(host.asked).containsExactly("orders.example");
    assertThat(dialled(policy, "grpc://10.0.0.7:7500"))
        .as("the address of the live connection")
        .isEqualTo(Endpoint.parse("grpc://10.0.0.7:7500"));
    assertThat(dialled(policy, "grpc://10.0.0.8:7500")).isNull();
    assertThat(dialled(policy, "grpc://other.example:7500")).isNull();
  }

  @Test
  void t19_patternsPermitWhatTheyName() {
    AdvertisedPolicy policy = policy(AdvertisedEndpoints.listed("10.1.0.0/16:7400"));

    assertThat(dialled(policy, "grpc://10.1.2.3:7400")).isNotNull();
    assertThat(dialled(policy, "grpc://10.1.2.3:7401")).isNull();
    assertThat(dialled(policy, "grpc://10.2.2.3:7400")).isNull();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "10.0.0.0/99:1",
        "*:*",
        "a/8:70000",
        "a/8:7000",
        "a:70000",
        "a:0",
        "a",
        ":1",
        "[fd00::/129]:1",
        "10.0.0.0/:1",
        "10.0.0.300:1",
        "10.0.0:1",
        "a.*.b:1",
        "**.a:1",
        "fd00::g:1",
        "a b:1",
        "[]:1"
      })
  void patternsThatCanMatchNothingOrEverythingAreRefused(String pattern) {
    assertThatThrownBy(() -> AdvertisedEndpoints.listed("orders:7400", pattern))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("pattern \"" + pattern + "\" ");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "orders:7400",
        "my_service:*",
        "*.example:1",
        "10.1.0.0/16:65535",
        "[fd00::/8]:*",
        "[::1]:1",
        "0.0.0.0/0:*",
        "a.b.:1"
      })
  void patternsOfEachFormAreTaken(String pattern) {
    assertThat(AdvertisedEndpoints.listed(pattern).patterns()).containsExactly(pattern);
  }

  @Test
  void t19_ofAHundredThousandEntriesEightAreLookedAt() {
    List<String> many =
        IntStream.range(0, 100_000).mapToObj(i -> "unix:/run/orders/" + i + ".sock").toList();
    AdvertisedPolicy policy = policy(AdvertisedEndpoints.SAME_HOST);

    assertThat(policy.admissible(many)).hasSize(AdvertisedPolicy.MAX_ENTRIES);
    assertThat(policy.admissible(List.of("unix:/" + "x".repeat(300), "no uri", "unix:/a b")))
        .isEmpty();
    assertThat(host.asked).isEmpty();
  }

  @Test
  void loopbackIsDialledWhereItWasConfiguredLiterallyAndNotByName() {
    host.names.put("sneaky.example", "127.0.0.1");

    assertThat(
            dialled(
                policy(AdvertisedEndpoints.SAME_NAME, "grpc://127.0.0.1:7400"),
                "grpc://127.0.0.1:7401"))
        .isEqualTo(Endpoint.parse("grpc://127.0.0.1:7401"));
    assertThat(
            dialled(
                policy(AdvertisedEndpoints.SAME_NAME, "grpc://sneaky.example:7400"),
                "grpc://sneaky.example:7401"))
        .isNull();
  }

  @Test
  void t19_anAddressThatAConfiguredNameLeadsToIsOnItsHost() {
    host.names.put("orders.example", "10.0.0.9");
    AdvertisedPolicy policy =
        policy(
            AdvertisedEndpoints.SAME_NAME,
            "grpc://gone.example:7400",
            "grpc://orders.example:7400");
    // A connection that was dialled by its name tells the name, and no address.
    AdvertisedPolicy.Source named =
        new AdvertisedPolicy.Source(false, "grpc://orders.example:7400");

    assertThat(policy.check(Endpoint.parse("grpc://10.0.0.9:7500"), named).dial())
        .isEqualTo(Endpoint.parse("grpc://10.0.0.9:7500"));
    assertThat(policy.check(Endpoint.parse("grpc://10.0.0.8:7500"), named).dial()).isNull();
  }

  @Test
  void t5_onlyTheAllowedUserMayServeASocket() {
    AdvertisedPolicy policy = policy(AdvertisedEndpoints.SAME_HOST);

    assertThat(policy.accepts(SOCKET, servedBy(new Principal("unix", "app")))).isTrue();
    assertThat(policy.accepts(SOCKET, servedBy(new Principal("unix", "mallory")))).isFalse();
    assertThat(policy.accepts(SOCKET, servedBy(Principal.NONE))).isFalse();
  }

  private static PeerInfo servedBy(Principal principal) {
    return PeerInfo.of(SOCKET.toString())
        .withPrincipal(principal)
        .withSecurity(SecurityLevel.MUTUAL)
        .withSameHost(true);
  }
}
