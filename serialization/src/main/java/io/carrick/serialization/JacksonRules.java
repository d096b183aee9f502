package io.carrick.serialization;

import com.fasterxml.jackson.annotation.JsonFormat;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.List;
import java.util.UUID;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.StreamWriteConstraints;
import tools.jackson.core.TSFBuilder;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.cfg.CoercionAction;
import tools.jackson.databind.cfg.CoercionInputShape;
import tools.jackson.databind.cfg.DateTimeFeature;
import tools.jackson.databind.cfg.EnumFeature;
import tools.jackson.databind.cfg.MapperBuilder;
import tools.jackson.databind.jsontype.BasicPolymorphicTypeValidator;
import tools.jackson.databind.module.SimpleModule;
import tools.jackson.databind.type.LogicalType;

/** How Jackson is set up, whatever the format. */
final class JacksonRules {

  private JacksonRules() {}

  /** What no body may pass, nor a value with too many levels. */
  static <F extends TSFBuilder<?, F>> F bounded(F factory, StreamReadConstraints given) {
    return factory
        .streamReadConstraints(
            given
                .rebuild()
                .maxNestingDepth(Math.min(JsonCodec.MAX_DEPTH, given.getMaxNestingDepth()))
                .maxStringLength(Math.min(JsonCodec.MAX_STRING_LENGTH, given.getMaxStringLength()))
                .maxNameLength(Math.min(JsonCodec.MAX_NAME_LENGTH, given.getMaxNameLength()))
                .maxNumberLength(Math.min(JsonCodec.MAX_NUMBER_LENGTH, given.getMaxNumberLength()))
                .build())
        .streamWriteConstraints(
            StreamWriteConstraints.builder().maxNestingDepth(JsonCodec.MAX_DEPTH).build());
  }

  /** A value is taken as it is, or refused: no 1 of a 1.9, no ordinal, no true of a 2. */
  static <B extends MapperBuilder<?, B>> B exact(B mapper) {
    return mapper
        .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
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
        .enable(DateTimeFeature.WRITE_DATES_WITH_ZONE_ID);
  }

  /** Nothing follows a value, and no body names a class, whoever set up the mapper. */
  static <B extends MapperBuilder<?, B>> B safe(B mapper) {
    return mapper
        .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
        // Which of two equal names counts is up to each reader: who checked one must not have
        // passed the other.
        .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
        .deactivateDefaultTyping()
        // Denies all: a type id that is a class name is refused even where an annotation asks for
        // it.
        .polymorphicTypeValidator(BasicPolymorphicTypeValidator.builder().build())
        .addModule(
            new SimpleModule("carrick")
                .addSerializer(new RefusingSerializer<>(Class.class))
                .addSerializer(new RefusingSerializer<>(JavaType.class))
                .addDeserializer(Class.class, new RefusingDeserializer<>(Class.class))
                .addDeserializer(JavaType.class, new RefusingDeserializer<>(JavaType.class)));
  }

  /** As JSON has them, what binary formats have no form for that all of their readers know. */
  static <B extends MapperBuilder<?, B>> B binary(B mapper) {
    for (Class<?> type : List.of(BigDecimal.class, BigInteger.class, UUID.class)) {
      mapper.withConfigOverride(
          type, format -> format.setFormat(JsonFormat.Value.forShape(JsonFormat.Shape.STRING)));
    }
    return safe(exact(mapper));
  }
}
