package io.carrick.integration;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.MessagingException;
import io.carrick.Messenger;
import io.carrick.PeerLimits;
import io.carrick.Remote;
import io.carrick.testkit.Await;
import io.carrick.wire.v1.Ack;
import io.carrick.wire.v1.Frame;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * docs/security.md, "What was refused", in its order: each event and its fields. TLS is in
 * TlsNeedsTest and TlsTest, floors in FloorMatrixTest, principals in FallingRightsTest, tokens in
 * TokensTest, GrpcTokensTest and JwtVerifierTest, what peers may take in UnknownPeersTest and
 * PeerLimitsTest, how lines are written in AuditTest.
 */
@Timeout(60)
class SecurityPageTest {

  private static final String USER = "unix:" + System.getProperty("user.name");

  @TempDir Path directory;
  private final Logger audit = Logger.getLogger("io.carrick.audit");
  private final List<LogRecord> records = new CopyOnWriteArrayList<>();
  private final Handler handler =
      new Handler() {
        @Override
        public void publish(LogRecord line) {
          records.add(line);
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
      };
  private String socket;

  @BeforeEach
  void listen() {
    audit.addHandler(handler);
    socket = "unix:" + directory.resolve("s");
  }

  @AfterEach
  void forget() {
    audit.removeHandler(handler);
  }

  /** One line of JSON at WARNING with this event of this service, and these fields. */
  private void refused(String event, String... fields) {
    Await.until(
        () -> event + " in " + records.stream().map(LogRecord::getMessage).toList(),
        Await.LONG_ENOUGH,
        () -> records.stream().anyMatch(line -> is(line, event, fields)));
  }

  private static boolean is(LogRecord line, String event, String... fields) {
    String text = line.getMessage();
    return line.getLevel().equals(Level.WARNING)
        && text.startsWith("{\"event\":\"" + event + "\",\"time\":\"")
        && text.endsWith("}")
        && !text.contains("\n")
        && List.of(fields).stream().allMatch(text::contains);
  }

  private static String field(String name, String value) {
    return "\"" + name + "\":\"" + value + "\"";
  }

  private static Messenger serve(Messenger.Builder builder, String... endpoints) {
    for (String endpoint : endpoints) {
      builder.listen(endpoint);
    }
    Messenger server = builder.build();
    server.handle("who", String.class, (text, call) -> call.principal().toString());
    return server;
  }

  private static String who(Remote remote) {
    return Await.result(remote.request("who", "", String.class));
  }

  @Test
  void helloRefused() {
    try (Messenger server = serve(Messenger.builder("server"), socket);
        Messenger client = Messenger.builder("client").build()) {
      Failures.in(client.connectTo("orders", socket).connect(), MessagingException.class);

      refused(
          "hello-refused",
          field("side", "acceptor"),
          field("address", socket),
          field("shown", USER),
          field("peer", "client"),
          "\"reason\":\"");
      assertThat(server.peers()).isEmpty();
    }
  }

  @Test
  void pathRefused() {
    try (Messenger server =
            serve(
                Messenger.builder("server").authorizer((principal, action, topic) -> true),
                socket,
                "grpc://127.0.0.1:0");
        Messenger client = Messenger.builder("client").build()) {
      String plain = server.endpoints().get(1);
      Remote remote = client.connect(socket, plain);
      assertThat(who(remote)).isEqualTo(USER);

      Failures.in(remote.move(plain), MessagingException.class);

      refused(
          "path-refused",
          field("shown", "none:"),
          field("principal", USER),
          "\"side\":\"",
          "\"address\":\"",
          "\"reason\":\"");
    }
  }

  @Test
  void principalGivenUp() {
    TestPath unix = TestPath.over(TestTransport.UNIX, directory, "unix", "client", "server", 1);
    TestPath grpc = TestPath.over(TestTransport.GRPC, directory, "grpc", "client", "server", 2);
    try (unix;
        grpc;
        Messenger server = serve(Messenger.builder("server"), unix.listens(), grpc.listens());
        Messenger client = Messenger.builder("client").build()) {
      Remote remote = client.connect(unix.dials(), grpc.dials());
      assertThat(who(remote)).isEqualTo(USER);
      unix.refuse();
      unix.clientKills();
      Await.until("it went on", () -> remote.explain().chosen().orElse("").equals(grpc.dials()));

      assertThat(who(remote)).isEqualTo("none:");

      refused(
          "principal-given-up",
          field("side", "acceptor"),
          field("shown", "none:"),
          field("peer", "client"),
          field("principal", USER));
      assertThat(server.peers()).hasSize(1);
    }
  }

  @Test
  void resumeRefused() {
    TestPath unix = TestPath.over(TestTransport.UNIX, directory, "unix", "client", "server", 1);
    try (unix;
        Messenger server =
            serve(Messenger.builder("server").resumeTime(Duration.ZERO), unix.listens());
        Messenger client = Messenger.builder("client").build()) {
      Remote remote = client.connect(unix.dials());
      who(remote);

      unix.clientKills();

      refused(
          "resume-refused",
          field("side", "acceptor"),
          field("shown", USER),
          field("reason", "session"));
      assertThat(who(remote)).isEqualTo(USER);
      assertThat(server.peers()).hasSize(1);
    }
  }

  @Test
  void tokenRefused() {
    TokenNodes nodes = new TokenNodes();
    try (Messenger server = serve(Messenger.builder("server").tokens(nodes.verifier), socket);
        Messenger client = Messenger.builder("client").token(() -> "a-token").build()) {
      Failures.in(client.connect(socket).connect(), MessagingException.class);

      refused("token-refused", field("address", socket), "\"reason\":\"");
      assertThat(records).noneMatch(line -> line.getMessage().contains("a-token"));
      assertThat(server.peers()).isEmpty();
    }
  }

  @Test
  void sessionShed() {
    try (Messenger server =
            serve(
                Messenger.builder("server")
                    .peerLimits(PeerLimits.DEFAULT.withSessionsPerAddress(1)),
                "grpc://127.0.0.1:0");
        Messenger first = Messenger.builder("first").build();
        Messenger second = Messenger.builder("second").build()) {
      who(first.connect(server.endpoints().get(0)));

      who(second.connect(server.endpoints().get(0)));

      refused("session-shed", field("peer", "first"), "\"address\":\"127.0.0.1", "\"reason\":\"");
    }
  }

  @Test
  void tokenOfAnother() {
    TokenNodes nodes = new TokenNodes();
    AtomicInteger asked = new AtomicInteger();
    try (Messenger server = serve(Messenger.builder("server").tokens(nodes.verifier), socket);
        Messenger client =
            Messenger.builder("client")
                .token(
                    () ->
                        asked.getAndIncrement() == 0
                            ? TokenNodes.token("alice", Duration.ofSeconds(2))
                            : TokenNodes.token("bob", Duration.ofHours(1)))
                .build()) {
      Remote remote = client.connect(socket);
      assertThat(who(remote)).isEqualTo("token:alice");

      refused(
          "token-of-another",
          field("principal", "token:alice"),
          field("shown", "token:bob"),
          field("address", socket));
      Await.until("the session has ended", () -> server.peers().isEmpty());
    }
  }

  @Test
  void protocolViolated() {
    try (Messenger server = serve(Messenger.builder("server"), socket);
        RawPeer raw = RawPeer.client(socket)) {
      raw.send(Frame.newBuilder().setAck(Ack.newBuilder().setCum(99)).build());
      raw.awaitClose();

      refused(
          "protocol-violated",
          field("peer", "raw"),
          field("principal", USER),
          field("address", socket),
          "\"reason\":\"");
      Await.until("its session ended", () -> server.peers().isEmpty());
    }
  }

  @Test
  void denied() {
    try (Messenger server =
            serve(
                Messenger.builder("server")
                    .authorizer((principal, action, topic) -> topic.equals("who")),
                socket);
        Messenger client = Messenger.builder("client").build()) {
      Remote remote = client.connect(socket);
      Failures.in(remote.request("secret/a", "x", String.class), MessagingException.class);

      refused(
          "denied",
          field("principal", USER),
          field("action", "REQUEST"),
          field("topic", "secret/a"));
      assertThat(who(remote)).isEqualTo(USER);
      assertThat(server.peers()).hasSize(1);
    }
  }
}
