package io.carrick.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.carrick.AdvertisedEndpoints;
import io.carrick.ConnectException;
import io.carrick.Messenger;
import io.carrick.PathEvent;
import io.carrick.Remote;
import io.carrick.Requirements;
import io.carrick.SecurityLevel;
import io.carrick.SessionLostException;
import io.carrick.testkit.Await;
import io.carrick.testkit.FaultProxy;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A session never goes where its floor, or a call that is open in it, does not allow. */
@Tag("side-by-side")
@Timeout(60)
class BoundByNeedsTest {

  private static final Requirements MUTUAL = Requirements.security(SecurityLevel.MUTUAL);

  /** A path is looked for again after 10 s at most, and looked at each second. */
  private static final Duration LOOKS = Duration.ofSeconds(20);

  @TempDir Path directory;

  private static Messenger serve(Messenger.Builder builder) {
    Messenger service = builder.build();
    service.handle("e", String.class, text -> text);
    service.handleStream("s", String.class, text -> Source.of(Long.MAX_VALUE, n -> text));
    return service;
  }

  /** In clear, and by TLS. */
  private static Messenger serveBoth() {
    return serve(
        TestTls.messenger("orders").listen("grpc://127.0.0.1:0").listen("grpcs://127.0.0.1:0"));
  }

  private static FaultProxy before(String endpoint) {
    int port = Integer.parseInt(endpoint.substring(endpoint.lastIndexOf(':') + 1));
    return FaultProxy.tcp(new InetSocketAddress("127.0.0.1", port), 1);
  }

  @Test
  void aPathThatGivesTheFloorIsTakenWheneverItComes() {
    try (Messenger service = serveBoth();
        FaultProxy proxy = before(service.endpoints().get(1));
        Messenger client = TestTls.messenger("web").build()) {
      proxy.refuse();
      String plain = service.endpoints().get(0);
      String safe = "grpcs://127.0.0.1:" + proxy.port();
      Remote remote = client.connect(plain, safe);
      Await.result(remote.connect());

      remote.raiseFloor(SecurityLevel.SERVER_AUTHENTICATED);
      Await.until("it was tried", () -> told(remote, PathEvent.What.FAILED) >= 2);
      assertThat(remote.explain().chosen()).contains(plain);
      proxy.admit();

      Await.until(() -> "it has moved: " + remote.explain(), LOOKS, () -> isAt(remote, safe));
      assertThat(Await.result(remote.request("e", "x", String.class))).isEqualTo("x");
    }
  }

  private static long told(Remote remote, PathEvent.What what) {
    return remote.explain().events().stream().filter(e -> e.what() == what).count();
  }

  private static boolean isAt(Remote remote, String endpoint) {
    return remote.explain().chosen().equals(Optional.of(endpoint));
  }

  @Test
  void aPeerThatListensIsServedOverAPathThatGivesItsFloorWheneverItComes() {
    try (Messenger service = serveBoth();
        FaultProxy proxy = before(service.endpoints().get(1));
        Messenger client = TestTls.messenger("web").build()) {
      proxy.refuse();
      String safe = "grpcs://127.0.0.1:" + proxy.port();
      Remote remote = client.connect(service.endpoints().get(0), safe);
      Await.result(remote.connect());

      service.peers().get(0).raiseFloor(SecurityLevel.MUTUAL);
      Await.until("it was tried", () -> told(remote, PathEvent.What.FAILED) >= 1);
      proxy.admit();

      Await.until(() -> "it has moved: " + remote.explain(), LOOKS, () -> isAt(remote, safe));
    }
  }

  @Test
  void aStreamThatNeedsMutualSecurityIsNotMovedToAPlainPath() throws IOException {
    String plain = "grpc://127.0.0.1:" + freePort();
    String socket = "unix:" + directory.resolve("s.sock");
    try (Messenger service = serve(plainToo(plain).listen(socket));
        Messenger client = anybody(plain)) {
      Remote remote = client.connect(socket);
      Items<String> items = running(remote);
      Await.until("the plain path is known", () -> knows(remote, plain));

      assertThatThrownBy(() -> Await.result(remote.move(plain)))
          .hasRootCauseInstanceOf(ConnectException.class)
          .hasMessageContaining("below the MUTUAL needed");
      items.request(1);
      Await.until("it goes on", () -> items.count() == 2);
      assertThat(remote.explain().chosen()).contains(socket);

      items.cancel();
      Await.until(() -> "it may move now: " + remote.explain(), LOOKS, () -> moves(remote, plain));
      assertThat(failure(remote)).isNull();
    }
  }

  private static boolean moves(Remote remote, String endpoint) {
    return remote.move(endpoint).handle((done, failure) -> failure == null).join();
  }

  /** Of a call that needs MUTUAL while the session is on a plain path: it gets another session. */
  private static Throwable failure(Remote remote) {
    return remote
        .with(MUTUAL)
        .request("e", "x", String.class)
        .handle((v, failure) -> failure)
        .join();
  }

  @Test
  void aStreamThatNeedsMutualSecurityDoesNotGoOnInClear() throws IOException {
    String plain = "grpc://127.0.0.1:" + freePort();
    try (Messenger service =
            serve(plainToo(plain).listen("unix:" + directory.resolve("elsewhere/s.sock")));
        FaultProxy proxy =
            FaultProxy.unix(directory.resolve("s.sock"), directory.resolve("elsewhere/s.sock"), 1);
        Messenger client = anybody(plain)) {
      Remote remote = client.connect("unix:" + proxy.path());
      Items<String> items = running(remote);
      Await.until("the plain path is known", () -> knows(remote, plain));

      proxy.refuse();
      proxy.cut();

      // Nothing is left that gives what it needs: it ends in time.
      items.failure(SessionLostException.class);
      assertThat(told(remote, PathEvent.What.RESUMED)).isZero();
      assertThat(told(remote, PathEvent.What.MOVED)).isZero();
    }
  }

  private Messenger.Builder plainToo(String plain) {
    return Messenger.builder("service")
        .listen(plain)
        .advertise(plain)
        .samePrincipal((a, b) -> true);
  }

  private static Messenger anybody(String plain) {
    return Messenger.builder("client")
        .resumeTime(Duration.ofSeconds(3))
        .samePrincipal((a, b) -> true)
        .advertisedEndpoints(AdvertisedEndpoints.listed(plain.substring("grpc://".length())))
        .build();
  }

  private static Items<String> running(Remote remote) {
    Items<String> items = Items.asking(1);
    remote.with(MUTUAL).stream("s", "x", String.class).subscribe(items);
    Await.until("it runs", () -> items.count() == 1);
    return items;
  }

  private static boolean knows(Remote remote, String endpoint) {
    return remote.explain().candidates().stream().anyMatch(c -> c.endpoint().equals(endpoint));
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
