package io.carrick.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.carrick.CodecException;
import io.carrick.Headers;
import io.carrick.Message;
import io.carrick.StatusCode;
import io.carrick.TypeRef;
import io.carrick.core.message.Codecs;
import io.carrick.core.message.Encoded;
import io.carrick.spi.Codec;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class CodecsTest {

  private record Named(String contentType, int priority, boolean isAvailable) implements Codec {

    @Override
    public String remedy() {
      return "com.example:" + contentType.replace('/', '-');
    }

    @Override
    public boolean supports(Class<?> type) {
      return type == String.class;
    }

    @Override
    public byte[] encode(Object value) {
      return (contentType + ":" + value).getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public <T> T decode(byte[] bytes, Class<T> type) {
      if (bytes.length == 0) {
        throw new IllegalStateException("empty");
      }
      return type.cast(new String(bytes, StandardCharsets.UTF_8));
    }
  }

  private final Codecs codecs =
      new Codecs(
          List.of(
              new Named("a/low", 10, true),
              new Named("a/high", 90, true),
              new Named("a/absent", 100, false)));

  @Test
  void highestPriorityThatThePeerOffersIsUsed() {
    assertThat(codecs.contentTypes()).containsExactly("a/high", "a/low");
    assertThat(codecs.encode("x", Optional.empty(), List.of()).contentType()).isEqualTo("a/high");
    assertThat(codecs.encode("x", Optional.empty(), List.of("a/low")).contentType())
        .isEqualTo("a/low");
  }

  @Test
  void askedForContentTypeWins() {
    assertThat(codecs.encode("x", Optional.of("A/low; charset=x"), List.of()).contentType())
        .isEqualTo("a/low");
  }

  @Test
  void noSharedCodecNamesBothSides() {
    assertThatThrownBy(() -> codecs.encode("x", Optional.empty(), List.of("b/other")))
        .isInstanceOfSatisfying(
            CodecException.class,
            e -> assertThat(e.code()).isEqualTo(StatusCode.FAILED_PRECONDITION))
        .hasMessageContaining("b/other")
        .hasMessageContaining("a/high")
        .hasMessageContaining("com.example:a-absent");
  }

  @Test
  void replyFollowsTheRequestWhereTheCallerTakesIt() {
    assertThat(codecs.encodeReply("x", String.class, "a/low", List.of(), List.of()).contentType())
        .isEqualTo("a/low");
    assertThat(
            codecs
                .encodeReply("x", String.class, "a/low", List.of("a/high"), List.of())
                .contentType())
        .isEqualTo("a/high");
  }

  @Test
  void messagesPassAsTheyAre() {
    Message message = Message.wrap("t", Headers.of("h", "v"), "x/y", new byte[] {1});

    Encoded encoded = codecs.encode(message, Optional.of("a/low"), List.of("a/low"));

    assertThat(encoded.contentType()).isEqualTo("x/y");
    assertThat(encoded.headers()).isEqualTo(message.headers());
    assertThat(codecs.decode(message, TypeRef.of(Message.class))).isSameAs(message);
    assertThat(codecs.decode(message, TypeRef.of(Void.class))).isNull();
  }

  @Test
  void bodyThatDoesNotParseIsAnInvalidArgument() {
    assertThatThrownBy(
            () -> codecs.decode(Message.of("a/high", new byte[0]), TypeRef.of(String.class)))
        .isInstanceOfSatisfying(
            CodecException.class, e -> assertThat(e.code()).isEqualTo(StatusCode.INVALID_ARGUMENT));
  }

  @Test
  void bodyOfAnAbsentCodecNamesItsArtifact() {
    assertThatThrownBy(
            () -> codecs.decode(Message.of("a/absent", new byte[1]), TypeRef.of(String.class)))
        .hasMessageContaining("com.example:a-absent");
  }

  @Test
  void anUnknownContentTypeIsRefusedByName() {
    for (String unknown : List.of("application/x-java-serialized-object", "a/\u001b[2J", "text")) {
      assertThatThrownBy(
              () -> codecs.decode(Message.of(unknown, new byte[1]), TypeRef.of(String.class)))
          .isInstanceOfSatisfying(
              CodecException.class,
              e -> assertThat(e.code()).isEqualTo(StatusCode.FAILED_PRECONDITION))
          .hasMessageContaining(unknown.startsWith("a/") ? "a/\\u001b[2j" : unknown)
          .hasMessageContaining("a/high");
    }
  }

  @Test
  void aGivenCodecStandsInPlaceOfThatOfItsContentType() {
    Codec given = new Named("a/high", 20, true);
    Codecs both =
        new Codecs(List.of(given, new Named("a/high", 90, true), new Named("a/low", 10, true)));

    assertThat(both.contentTypes()).containsExactly("a/high", "a/low");
    assertThat(both.accept(TypeRef.of(String.class))).containsExactly("a/high", "a/low");
    assertThat(both.encode("x", Optional.empty(), List.of()).contentType()).isEqualTo("a/high");
    assertThat(
            new Codecs(List.of(given, new Named("a/mid", 50, true)))
                .encode("x", Optional.empty(), List.of())
                .contentType())
        .isEqualTo("a/mid");
  }

  @Test
  void aCodecThatCannotBeUsedIsRefused() {
    assertThatThrownBy(() -> new MessengerBuilder("a").codec(new Named("a/b", 1, false)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("the codec of a/b is not available: com.example:a-b");
    for (String name : List.of("A/b", "a", "a/b; c=d", "")) {
      assertThatThrownBy(() -> new MessengerBuilder("a").codec(new Named(name, 1, true)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("\"" + name + "\"");
    }
  }

  @Test
  void aTextForAnotherTypeSaysWhatTheSenderMeant() {
    assertThatThrownBy(
            () -> codecs.decode(Message.ofText("{}"), TypeRef.of(java.time.Instant.class)))
        .hasMessageContaining("no codec for java.time.Instant from text/plain")
        .hasMessageContaining(
            "a String is sent as text/plain: send a value, or Message.of(\"application/json\", …)");
  }
}
