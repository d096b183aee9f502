package io.carrick.integration;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Delivered;
import io.carrick.Message;
import io.carrick.MessagingException;
import io.carrick.Remote;
import io.carrick.StatusCode;
import io.carrick.wire.v1.Ping;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZonedDateTime;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * docs/serialization.md, in its order. Which codec is chosen by hand, and mappers of one's own, are
 * in OwnCodecTest and OwnMapperTest, what changes with a type in EvolutionTest, bodies of other
 * languages in ForeignBodiesTest, missing libraries in InstallationTest, sides that share no codec
 * in CodecsTest, and each format's limits and hostile bodies in the tests of its codec.
 */
@OverEachTransport
final class SerializationPageTest extends Semantics {

  enum Colour {
    RED,
    GREEN
  }

  record Line(String article, int count) {}

  record Basket(
      List<Line> lines,
      Map<String, BigDecimal> prices,
      Optional<LocalDate> due,
      Colour colour,
      Duration patience) {}

  SerializationPageTest(TestTransport transport) {
    super(transport);
  }

  /** As what a value goes. */
  private String kind(Object value) {
    return await(remote.request("kind", value, String.class));
  }

  private void serveKind() {
    server.handle("kind", Message.class, message -> Message.ofText(message.contentType()));
  }

  @Test
  void theTypeOfTheValueDecidesAndThePriority() {
    serveKind();

    assertThat(kind(new byte[] {1})).isEqualTo("application/octet-stream");
    assertThat(kind(ByteBuffer.wrap(new byte[] {1}))).isEqualTo("application/octet-stream");
    assertThat(kind("a")).isEqualTo("text/plain");
    assertThat(kind(new StringBuilder("a"))).isEqualTo("text/plain");
    assertThat(kind(Ping.newBuilder().setToken(1).build())).isEqualTo("application/x-protobuf");
    assertThat(kind(new Line("rope", 1))).isEqualTo("application/json");
    assertThat(kind(List.of(1, 2))).isEqualTo("application/json");
  }

  @Test
  void textIsDecodedToWhatHoldsText() {
    server.handle("builder", StringBuilder.class, text -> text.reverse());

    assertThat(await(remote.request("builder", "abc", String.class))).isEqualTo("cba");
  }

  @Test
  void aGeneratedMessageGoesAsItsJsonWhereThatIsChosen() {
    server.handle("raw", Message.class, message -> Message.ofText(message.text()));
    server.handle("token", Ping.class, ping -> ping.getToken());
    Remote json = remote.with(remote.options().withContentType("application/json"));
    Ping ping = Ping.newBuilder().setToken(7).build();

    assertThat(await(json.request("raw", ping, String.class)).replace(" ", ""))
        .isEqualTo("{\"token\":\"7\"}");
    assertThat(await(json.request("token", ping, Long.class))).isEqualTo(7);
  }

  @Test
  void recordsCollectionsAndScalarsComeBackAsTheyWent() {
    server.handle("echo", Basket.class, basket -> basket);
    Basket basket =
        new Basket(
            List.of(new Line("rope", 2)),
            Map.of("rope", new BigDecimal("12.50")),
            Optional.of(LocalDate.of(2026, 3, 1)),
            Colour.GREEN,
            Duration.ofMillis(1_500));

    assertThat(await(remote.request("echo", basket, Basket.class))).isEqualTo(basket);
  }

  @Test
  void aBodyNeverNamesAClass() {
    server.handle("line", Line.class, line -> line.getClass().getName());
    String body = "{\"@class\":\"java.io.File\",\"article\":\"rope\",\"count\":1}";

    assertThat(await(remote.request("line", json(body), String.class)))
        .isEqualTo(Line.class.getName());
  }

  private static Message json(String body) {
    return Message.of("application/json", body.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void aMessageGoesAsItIsAndIsReceivedUndecoded() {
    server.handle("echo", Message.class, message -> message);
    byte[] body = {0, -1, 1};

    Message back = await(remote.request("echo", Message.of("image/png", body), Message.class));

    assertThat(back.contentType()).isEqualTo("image/png");
    assertThat(back.toByteArray()).isEqualTo(body);
  }

  @Test
  void aValueComesBackAsItWasSentOrIsRefused() {
    server.handle("int", Integer.class, n -> n);
    server.handle("big", BigInteger.class, n -> n);
    server.handle("boolean", Boolean.class, b -> b);
    server.handle("colour", Colour.class, c -> c);
    server.handle("double", Double.class, d -> d);
    server.handle("line", Line.class, line -> line);

    for (String number : List.of("1.9", "1.0", "1e2")) {
      refused("int", number);
      refused("big", number);
    }
    refused("int", "2147483648");
    refused("double", "1e400");
    refused("boolean", "1");
    refused("colour", "1");
    refused("line", "{\"article\":\"a\",\"article\":\"b\",\"count\":1}");
    refused("line", "{\"other\":1,\"other\":2,\"article\":\"b\",\"count\":1}");
    refused("line", "{\"article\":\"\\ud83e\",\"count\":1}");
    refused("line", "{\"article\":\"a\",\"count\":1} ,");
    refused("line", "null");
    assertThat(await(remote.request("int", json("\"1\""), Integer.class))).isEqualTo(1);
    assertThat(await(remote.request("double", Double.POSITIVE_INFINITY, Double.class)))
        .isEqualTo(Double.POSITIVE_INFINITY);
  }

  private MessagingException refused(String topic, String body) {
    return Failures.in(
        remote.request(topic, json(body), Message.class),
        StatusCode.INVALID_ARGUMENT,
        Delivered.NO);
  }

  @Test
  void timesKeepTheirOffsetAndTheirZone() {
    server.handle("offset", OffsetDateTime.class, t -> t);
    server.handle("zone", ZonedDateTime.class, t -> t);
    OffsetDateTime offset = OffsetDateTime.parse("2026-03-01T10:00:00+05:30");
    ZonedDateTime zone = ZonedDateTime.parse("2026-07-01T09:00:00+02:00[Europe/Berlin]");

    assertThat(await(remote.request("offset", offset, OffsetDateTime.class))).isEqualTo(offset);
    assertThat(await(remote.request("zone", zone, ZonedDateTime.class))).isEqualTo(zone);
  }

  @Test
  void aFailureNamesThePlaceAndTheTypeAndNeverQuotesTheBody() {
    server.handle("basket", Basket.class, basket -> basket);
    String body = "{\"lines\":[{\"article\":\"a\",\"count\":1},{\"count\":\"secret\"}]}";

    assertThat(refused("basket", body))
        .hasMessageContaining("lines[1].count")
        .hasMessageContaining("int")
        .hasMessageNotContaining("secret");
  }

  @Test
  void propertiesThatTheTypeDoesNotHaveAreIgnored() {
    server.handle("line", Line.class, line -> line);
    String body = "{\"article\":\"rope\",\"newer\":[1,{\"a\":2}],\"count\":3}";

    assertThat(await(remote.request("line", json(body), Line.class)))
        .isEqualTo(new Line("rope", 3));
  }

  @Test
  void whatIsTooDeepIsRefusedByItsReaderAndByItsWriter() {
    server.handle("any", Object.class, value -> "taken");
    Object value = "x";
    for (int i = 0; i < 65; i++) {
      value = List.of(value);
    }
    Object deep = value;

    for (String type :
        List.of(
            "application/json",
            "application/cbor",
            "application/vnd.msgpack",
            "application/avro")) {
      Remote chosen = remote.with(remote.options().withContentType(type));
      CompletableFuture<String> call = chosen.request("any", deep, String.class);
      Failures.in(call, StatusCode.RESOURCE_EXHAUSTED, Delivered.NO, "64");
    }
    // The peer says that the body is at fault: it is refused however often it is sent.
    assertThat(refused("any", "[".repeat(65) + "]".repeat(65))).hasMessageContaining("64");
  }

  @Test
  void limitsOfStringsNamesAndNumbersHold() {
    server.handle("any", Object.class, value -> "taken");

    Stream.of(
            "\"" + "a".repeat(1_048_577) + "\"",
            "{\"" + "n".repeat(1_025) + "\":1}",
            "1".repeat(101))
        .forEach(body -> assertThat(refused("any", body)).hasMessageContaining("limit"));
  }
}
