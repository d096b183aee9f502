package io.carrick.integration;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.CallException;
import io.carrick.CodecException;
import io.carrick.Message;
import io.carrick.Remote;
import io.carrick.StatusCode;
import io.carrick.serialization.AvroCodec;
import io.carrick.serialization.JsonCodec;
import io.carrick.testkit.Await;
import java.math.BigDecimal;
import java.time.OffsetDateTime;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.json.JsonMapper;

/** Codecs that are given to the builder, and content types that are chosen by hand. */
@OverEachTransport
final class OwnCodecTest extends Semantics {

  record Item(String shortName, BigDecimal price, OffsetDateTime at, Optional<byte[]> picture) {}

  OwnCodecTest(TestTransport transport) {
    super(transport);
  }

  @Test
  void aMapperOfItsOwnMapsOnItsSide() {
    JsonMapper snake =
        JsonMapper.builder().propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE).build();
    restart(b -> b, b -> b.codec(new JsonCodec(snake)));
    server.handle("raw", Message.class, message -> Message.ofText(message.text()));
    server.handle("kind", Message.class, message -> Message.ofText(message.contentType()));

    Item item = new Item("rope", BigDecimal.ONE, null, Optional.empty());

    assertThat(await(remote.request("raw", item, String.class)))
        .contains("\"short_name\":\"rope\"");
    assertThat(await(remote.request("kind", item, String.class))).isEqualTo("application/json");
    // Its priority still ranks it below text.
    assertThat(await(remote.request("kind", "a text", String.class))).isEqualTo("text/plain");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "application/json",
        "application/cbor",
        "application/vnd.msgpack",
        "application/avro"
      })
  void recordsGoAsTheContentTypeThatIsChosenAndComeBackAsIt(String contentType) {
    server.handle("echo", Item.class, item -> item);
    server.handle("kind", Message.class, message -> Message.ofText(message.contentType()));
    Remote chosen = remote.with(remote.options().withContentType(contentType));
    Item item =
        new Item(
            "線 🪢",
            new BigDecimal("12.50"),
            OffsetDateTime.parse("2026-03-01T10:00:00+05:30"),
            Optional.of(new byte[] {0, -1}));

    Item back = await(chosen.request("echo", item, Item.class));

    assertThat(back).usingRecursiveComparison().isEqualTo(item);
    assertThat(await(chosen.request("kind", item, String.class))).isEqualTo(contentType);
    assertThat(await(chosen.request("echo", item, Message.class)).contentType())
        .isEqualTo(contentType);
  }

  record Narrow(String name) {}

  record Wide(String name, int count) {}

  @Test
  void aSchemaOfAvroIsAskedOfThePeer() {
    AvroCodec served = new AvroCodec();
    AtomicReference<Remote> orders = new AtomicReference<>();
    AtomicInteger asked = new AtomicInteger();
    AvroCodec asking =
        new AvroCodec(
            fingerprint -> {
              asked.incrementAndGet();
              return Optional.of(orders.get().request("schemas", fingerprint, String.class).join());
            });
    restart(b -> b.codec(served), b -> b.codec(asking));
    orders.set(remote);
    server.handle("schemas", String.class, fingerprint -> served.schema(fingerprint).orElseThrow());
    server.handle("newer", Narrow.class, item -> new Wide(item.name(), 7));
    Remote chosen = remote.with(remote.options().withContentType("application/avro"));

    for (int i = 0; i < 3; i++) {
      assertThat(await(chosen.request("newer", new Narrow("rope"), Narrow.class)))
          .isEqualTo(new Narrow("rope"));
    }
    assertThat(asked).hasValue(1);
  }

  @Test
  void aMalformedBodyIsRefusedByThePeerAndTheSessionGoesOn() {
    server.handle("echo", Item.class, item -> item);
    for (String contentType : List.of("application/cbor", "application/vnd.msgpack")) {
      byte[] deep = new byte[100_000];
      Arrays.fill(deep, (byte) (contentType.endsWith("cbor") ? 0x81 : 0x91));

      assertThat(failure(remote.request("echo", Message.of(contentType, deep), Item.class)))
          .isInstanceOfSatisfying(
              CallException.class, e -> assertThat(e.code()).isEqualTo(StatusCode.INVALID_ARGUMENT))
          .hasMessageContaining("64 levels");
    }
    assertThat(failure(remote.request("echo", "{}", Item.class)))
        .hasMessageContaining("a String is sent as text/plain");
    Remote nobody = remote.with(remote.options().withContentType("application/x-nobody"));
    assertThat(failure(nobody.request("echo", 1, Item.class)))
        .isInstanceOf(CodecException.class)
        .hasMessageContaining("application/x-nobody");
    Item item = new Item("a", null, null, Optional.empty());
    assertThat(await(remote.request("echo", item, Item.class))).isEqualTo(item);
  }

  private static Throwable failure(CompletionStage<?> call) {
    return Await.failure(call, Await.LONG_ENOUGH);
  }
}
