package io.carrick.serialization;

import io.carrick.CodecException;
import io.carrick.ContentTypes;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.StreamWriteConstraints;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.cfg.CoercionAction;
import tools.jackson.databind.cfg.CoercionInputShape;
import tools.jackson.databind.cfg.DateTimeFeature;
import tools.jackson.databind.cfg.EnumFeature;
import tools.jackson.databind.exc.InvalidDefinitionException;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.jsontype.BasicPolymorphicTypeValidator;
import tools.jackson.databind.module.SimpleModule;
import tools.jackson.databind.type.LogicalType;

/** The only class that refers to Jackson, so that the codec loads without it. */
final class JsonMapping {

  private static final JsonMapper MAPPER = mapper();

  private JsonMapping() {}

  static byte[] encode(Object value) {
    Class<?> type = value.getClass();
    try {
      return MAPPER.writeValueAsBytes(value);
    } catch (StreamConstraintsException e) {
      throw Failures.limitPassed(ContentTypes.JSON, type, e.getOriginalMessage(), e);
    } catch (JacksonException e) {
      throw Failures.notEncodable(ContentTypes.JSON, type, e.getOriginalMessage(), e);
    }
  }

  static <T> T decode(byte[] bytes, Class<T> type) {
    T value;
    try (JsonParser parser = new FiniteParser(MAPPER.createParser(bytes))) {
      value = MAPPER.readValue(parser, type);
    } catch (JacksonException e) {
      throw failure(e, bytes.length, type);
    } catch (IllegalArgumentException | ArithmeticException e) {
      // Some of Jackson's converters let what the JDK throws for a value pass.
      throw malformed(e, bytes.length, type, "an unknown place");
    }
    if (value == null) {
      throw Failures.malformed(ContentTypes.JSON, type, bytes.length, "line 1 (null)");
    }
    return value;
  }

  private static CodecException failure(JacksonException e, int length, Class<?> type) {
    if (e instanceof StreamConstraintsException) {
      return Failures.limitPassed(ContentTypes.JSON, type, e.getOriginalMessage(), null);
    }
    if (e instanceof InvalidDefinitionException) {
      return Failures.unusable(ContentTypes.JSON, type, e.getOriginalMessage(), e);
    }
    TokenStreamLocation at = e.getLocation();
    return malformed(
        e,
        length,
        type,
        at == null || at.getLineNr() < 0
            ? "an unknown place"
            : "line " + at.getLineNr() + ", column " + at.getColumnNr());
  }

  // Without the cause: its message quotes the payload, which must not reach a log.
  private static CodecException malformed(
      RuntimeException e, int length, Class<?> type, String where) {
    return Failures.malformed(
        ContentTypes.JSON, type, length, where + " (" + e.getClass().getSimpleName() + ")");
  }

  private static JsonMapper mapper() {
    JsonFactory factory =
        JsonFactory.builder()
            .streamReadConstraints(
                StreamReadConstraints.builder()
                    .maxNestingDepth(JsonCodec.MAX_DEPTH)
                    .maxStringLength(JsonCodec.MAX_STRING_LENGTH)
                    .maxNameLength(JsonCodec.MAX_NAME_LENGTH)
                    .maxNumberLength(JsonCodec.MAX_NUMBER_LENGTH)
                    .maxDocumentLength(JsonCodec.MAX_DOCUMENT_BYTES)
                    .build())
            // Which of two equal names counts is up to each reader: who checked one must not have
            // passed the other.
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .streamWriteConstraints(
                StreamWriteConstraints.builder().maxNestingDepth(JsonCodec.MAX_DEPTH).build())
            .build();
    return JsonMapper.builder(factory)
        .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
        .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
        // A value is taken as it is, or refused: no 1 of a 1.9, no ordinal, no true of a 2.
        .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
        .enable(EnumFeature.FAIL_ON_NUMBERS_FOR_ENUMS)
        .withCoercionConfig(
            LogicalType.Boolean,
            boolOf -> boolOf.setCoercion(CoercionInputShape.Integer, CoercionAction.Fail))
        // Times come back as they were sent, with their offset or zone.
        .disable(
            DateTimeFeature.ADJUST_DATES_TO_CONTEXT_TIME_ZONE,
            DateTimeFeature.NORMALIZE_DESERIALIZED_ZONE_ID,
            DateTimeFeature.WRITE_DATES_WITH_CONTEXT_TIME_ZONE)
        .enable(DateTimeFeature.WRITE_DATES_WITH_ZONE_ID)
        // Denies all: a type id that is a class name is refused even where an annotation asks for
        // it.
        .polymorphicTypeValidator(BasicPolymorphicTypeValidator.builder().build())
        .addModule(
            new SimpleModule("carrick")
                .addSerializer(new RefusingSerializer<>(Class.class))
                .addSerializer(new RefusingSerializer<>(JavaType.class))
                .addDeserializer(Class.class, new RefusingDeserializer<>(Class.class))
                .addDeserializer(JavaType.class, new RefusingDeserializer<>(JavaType.class)))
        .build();
  }
}
