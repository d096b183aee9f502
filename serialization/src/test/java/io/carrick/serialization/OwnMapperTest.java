package io.carrick.serialization;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.carrick.CodecException;
import io.carrick.StatusCode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.json.JsonReadFeature;
import tools.jackson.databind.DefaultTyping;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.deser.std.StdDeserializer;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.jsontype.BasicPolymorphicTypeValidator;
import tools.jackson.databind.module.SimpleModule;
import tools.jackson.databind.ser.std.StdSerializer;

/** {@link JsonCodec} with the mapper of an application: what it says counts, within our limits. */
class OwnMapperTest {

  record Person(String firstName, Colour colour) {}

  /** Known to a module only. */
  static final class Colour {
    final String name;

    private Colour(String name) {
      this.name = name;
    }
  }

  record Holder(Object any, Class<?> type) {}

  record Annotated(@JsonTypeInfo(use = JsonTypeInfo.Id.CLASS) Object any) {}

  private static JsonMapper.Builder builder() {
    return JsonMapper.builder()
        .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
        .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
        .enable(JsonReadFeature.ALLOW_JAVA_COMMENTS)
        .addModule(
            new SimpleModule()
                .addSerializer(
                    new StdSerializer<Colour>(Colour.class) {
                      @Override
                      public void serialize(
                          Colour colour, JsonGenerator out, SerializationContext context) {
                        out.writePOJO(Map.of("name", colour.name));
                      }
                    })
                .addDeserializer(
                    Colour.class,
                    new StdDeserializer<Colour>(Colour.class) {
                      @Override
                      public Colour deserialize(JsonParser in, DeserializationContext context) {
                        return new Colour((String) in.readValueAs(Map.class).get("name"));
                      }
                    }));
  }

  private final JsonCodec codec = new JsonCodec(builder().build());

  @Test
  void itsModulesNamesAndFeaturesCount() {
    byte[] json = codec.encode(new Person("Ada", new Colour("red")));

    assertThat(new String(json, UTF_8))
        .contains("\"first_name\":\"Ada\"")
        .contains("\"colour\":{\"name\":\"red\"}");
    Person person = codec.decode(json, Person.class);
    assertThat(person.firstName()).isEqualTo("Ada");
    assertThat(person.colour().name).isEqualTo("red");
    assertThat(failure("{\"first_name\":\"a\",\"x\":1}", Person.class))
        .hasMessageContaining("in x");
    assertThat(codec.decode("/* */ 1".getBytes(UTF_8), Integer.class)).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"{\"any\":1,\"any\":1}", "1 2", "null", "\"\\ud83e\"", "{\"any\":1e400}"})
  void whatIsAmbiguousIsRefused(String json) {
    assertThat(failure(json, json.startsWith("{") ? Holder.class : Object.class).code())
        .isEqualTo(StatusCode.INVALID_ARGUMENT);
  }

  @Test
  void theLimitsHold() {
    for (String bomb :
        List.of(
            "[".repeat(100_000),
            "9".repeat(101),
            "\"" + "x".repeat(JsonCodec.MAX_STRING_LENGTH + 1) + "\"",
            "{\"" + "x".repeat(60_000) + "\":1}")) {
      assertThat(failure(bomb, Object.class).code()).isEqualTo(StatusCode.RESOURCE_EXHAUSTED);
    }
    List<Object> knot = new ArrayList<>();
    knot.add(knot);
    assertThat(catchThrowableOfType(CodecException.class, () -> codec.encode(knot)).code())
        .isEqualTo(StatusCode.RESOURCE_EXHAUSTED);
  }

  @Test
  void lowerLimitsOfItsOwnHold() {
    JsonCodec low =
        new JsonCodec(
            JsonMapper.builder(
                    JsonFactory.builder()
                        .streamReadConstraints(
                            StreamReadConstraints.builder().maxStringLength(10_000).build())
                        .build())
                .build());
    byte[] json = ("\"" + "x".repeat(100_000) + "\"").getBytes(UTF_8);

    assertThat(catchThrowableOfType(CodecException.class, () -> low.decode(json, String.class)))
        .hasMessageContaining("10000");
  }

  @Test
  void noBodyNamesAClassWhateverTheMapperAllows() {
    JsonCodec open =
        new JsonCodec(
            builder()
                .activateDefaultTyping(
                    BasicPolymorphicTypeValidator.builder().allowIfSubType(Object.class).build(),
                    DefaultTyping.NON_FINAL)
                .build());
    String name = Person.class.getName();

    Holder holder = open.decode(("{\"any\":[\"" + name + "\",{}]}").getBytes(UTF_8), Holder.class);
    assertThat(holder.any()).isEqualTo(List.of(name, Map.of()));
    for (Class<?> type : List.of(Holder.class, Annotated.class)) {
      String body =
          type == Holder.class
              ? "{\"type\":\"" + name + "\"}"
              : "{\"any\":{\"@class\":\"" + name + "\"}}";
      assertThat(
              catchThrowableOfType(
                  CodecException.class, () -> open.decode(body.getBytes(UTF_8), type)))
          .isNotNull();
    }
  }

  private CodecException failure(String json, Class<?> type) {
    return catchThrowableOfType(
        CodecException.class, () -> codec.decode(json.getBytes(UTF_8), type));
  }
}
