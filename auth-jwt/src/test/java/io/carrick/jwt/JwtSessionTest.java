package io.carrick.jwt;

import static io.carrick.jwt.Issuer.claims;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.carrick.ConnectException;
import io.carrick.Messenger;
import io.carrick.Remote;
import io.carrick.StatusCode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Sessions of nodes that trust tokens of one issuer. */
@Timeout(60)
class JwtSessionTest {

  private static final class Lines extends Handler {

    private final List<String> lines = new CopyOnWriteArrayList<>();

    @Override
    public void publish(LogRecord entry) {
      lines.add(new SimpleFormatter().format(entry));
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}
  }

  @Test
  void t14_forgersAreRefusedBesideSomebodyWhoIsServed() throws Exception {
    refuseForgers("memory:" + UUID.randomUUID());
  }

  @Test
  void t14_forgersAreRefusedOverGrpcToo(@TempDir Path directory) throws Exception {
    refuseForgers("grpc+unix:" + directory.resolve("s.sock"));
  }

  private static void refuseForgers(String endpoint) throws Exception {
    Issuer issuer = new Issuer();
    Logger root = Logger.getLogger("io.carrick");
    Lines lines = new Lines();
    Level before = root.getLevel();
    root.addHandler(lines);
    root.setLevel(Level.ALL);
    List<Forgeries.Forgery> forgeries = Forgeries.of(issuer);
    try (Messenger server =
            Messenger.builder("orders")
                .tokens(JwtVerifierTest.builder().keys(issuer.keys()).build())
                .listen(endpoint)
                .build();
        Messenger client =
            Messenger.builder("client").token(() -> issuer.rs256(claims())).build()) {
      server.handle("whoami", String.class, (text, call) -> call.principal().toString());
      Remote good = client.connect(endpoint);
      for (Forgeries.Forgery forgery : forgeries) {
        assertThat(good.request("whoami", "?", String.class).get(10, SECONDS))
            .isEqualTo("token:alice");
        String shown = forgery.token().isEmpty() ? "x" : forgery.token();
        try (Messenger forger =
                Messenger.builder("forger")
                    .token(() -> shown)
                    .connectTimeout(Duration.ofSeconds(10))
                    .build();
            Remote remote = forger.connect(endpoint)) {
          Throwable refusal = catchThrowable(() -> remote.connect().get(20, SECONDS)).getCause();
          assertThat(refusal).as(forgery.name()).isInstanceOf(ConnectException.class);
          assertThat(((ConnectException) refusal).code()).isEqualTo(StatusCode.UNAUTHENTICATED);
          assertThat(refusal.toString() + remote.explain())
              .doesNotContain(shown.length() > 20 ? shown : "\0");
        }
      }
      assertThat(server.peers()).hasSize(1);
    } finally {
      root.removeHandler(lines);
      root.setLevel(before);
    }
    for (Forgeries.Forgery forgery : forgeries) {
      String[] parts = forgery.token().split("\\.");
      String signature = parts.length == 0 ? "" : parts[parts.length - 1];
      if (signature.length() > 20) {
        assertThat(lines.lines).as(forgery.name()).noneMatch(line -> line.contains(signature));
      }
    }
    assertThat(lines.lines).filteredOn(line -> line.contains("token was refused")).isNotEmpty();
    assertThat(lines.lines)
        .filteredOn(line -> line.contains("token was refused"))
        .allSatisfy(line -> assertThat(line.strip().lines()).hasSize(2));
  }
}
