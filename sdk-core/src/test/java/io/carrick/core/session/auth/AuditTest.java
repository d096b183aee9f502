package io.carrick.core.session.auth;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Principal;
import io.carrick.spi.PeerInfo;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Nobody writes into the log of refusals but this node (T17). */
class AuditTest {

  private static final JsonMapper JSON = new JsonMapper();

  private static final List<String> HOSTILE =
      List.of(
          "",
          "\r\n{\"event\":\"denied\",\"principal\":\"root\"}",
          "a\",\"reason\":\"b",
          "\\",
          "\\\"",
          "\u001b[2J\u001b[31mred",
          "\u0000\u0007\u007f\u0085\u009b",
          "\u202egnp.exe\u2066\u200f\ufeff",
          "\u2028\u2029",
          "\ud800",
          "\udc00\ud83d\ude00",
          "{0} {1,number} ' '' %s %n ${jndi:ldap://x}",
          "</script><b>");

  private static String line(String value) {
    return Audit.of(Audit.Event.DENIED).with("topic", value).json(Instant.EPOCH, 0);
  }

  @Test
  void anEventIsOneLineWhateverAPeerWrites() throws Exception {
    for (String value : HOSTILE) {
      String line = line(value);

      assertThat(line.chars()).allMatch(c -> c >= 0x20 && c < 0x7f);
      JsonNode read = JSON.readTree(line);
      assertThat(read.propertyNames()).containsExactly("event", "time", "topic");
      assertThat(read.get("topic").asString()).isEqualTo(value);
      assertThat(read.get("event").asString()).isEqualTo("denied");
      assertThat(read.get("time").asString()).isEqualTo("1970-01-01T00:00:00Z");
    }
  }

  @Test
  void anyTextComesBackAsItWas() throws Exception {
    Random random = new Random(17);
    for (int i = 0; i < 10_000; i++) {
      StringBuilder text = new StringBuilder();
      for (int n = random.nextInt(20); n > 0; n--) {
        text.append((char) random.nextInt(random.nextBoolean() ? 0x100 : 0x10000));
      }
      String line = line(text.toString());

      assertThat(line.chars()).allMatch(c -> c >= 0x20 && c < 0x7f);
      assertThat(JSON.readTree(line).get("topic").asString()).isEqualTo(text.toString());
    }
  }

  @Test
  void aLongValueIsCut() throws Exception {
    String read = JSON.readTree(line("\n".repeat(100_000))).get("topic").asString();

    assertThat(read).hasSize(Audit.MAX_VALUE + 1).endsWith("\n…");
  }

  @Test
  void whoKnocksTooOftenIsCountedAndNotWritten() throws Exception {
    Audit.Limit limit = new Audit.Limit();
    for (int i = 0; i < Audit.MAX_LINES; i++) {
      assertThat(limit.admit(i)).isZero();
    }
    for (int i = 0; i < 5; i++) {
      assertThat(limit.admit(999_999_999)).isNegative();
    }
    assertThat(limit.admit(1_000_000_000)).isEqualTo(5);
    assertThat(limit.admit(1_000_000_001)).isZero();
    String line = Audit.of(Audit.Event.RESUME_REFUSED).json(Instant.EPOCH, 5);
    assertThat(JSON.readTree(line).get("leftOut").asInt()).isEqualTo(5);
  }

  @Test
  void theLogGetsTheLineAsItIs() throws Exception {
    List<String> lines = new CopyOnWriteArrayList<>();
    Handler handler =
        new Handler() {
          @Override
          public void publish(LogRecord entry) {
            lines.add(new SimpleFormatter().formatMessage(entry));
          }

          @Override
          public void flush() {}

          @Override
          public void close() {}
        };
    Logger log = Logger.getLogger(Audit.NAME);
    log.addHandler(handler);
    PeerInfo path = PeerInfo.of("tcp:{0}\r\n").withPrincipal(new Principal("tls", "a\u202eb"));
    try {
      Audit.of(Audit.Event.TOKEN_REFUSED, "acceptor", path).log();
      Audit.of(Audit.Event.HELLO_REFUSED, "acceptor", path)
          .with("peer", "x\",\"y\":\"")
          .with("reason", "no \u001b[0m floor")
          .log();
    } finally {
      log.removeHandler(handler);
    }
    JsonNode token = find(lines, "token-refused");
    assertThat(token.get("address").asString()).isEqualTo("tcp:{0}\r\n");
    assertThat(token.get("shown").asString()).contains("a\u202eb");
    JsonNode hello = find(lines, "hello-refused");
    assertThat(hello.get("peer").asString()).isEqualTo("x\",\"y\":\"");
    assertThat(hello.get("reason").asString()).isEqualTo("no \u001b[0m floor");
    assertThat(hello.get("y")).isNull();
  }

  private static JsonNode find(List<String> lines, String event) {
    return lines.stream()
        .map(JSON::readTree)
        .filter(n -> n.get("event").asString().equals(event))
        .findFirst()
        .orElseThrow();
  }
}
