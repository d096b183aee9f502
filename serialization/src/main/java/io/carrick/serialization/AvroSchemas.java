package io.carrick.serialization;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.carrick.CodecException;
import io.carrick.ContentTypes;
import io.carrick.Delivered;
import io.carrick.StatusCode;
import java.lang.reflect.Type;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.function.Function;
import org.apache.avro.Schema;
import org.apache.avro.SchemaNormalization;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.ObjectMapper;

/** The schemas of types, and those that were asked for. Safe for use by any thread. */
final class AvroSchemas {

  private static final int MOST_LEARNED = 256;
  private static final int LONGEST_SCHEMA = 64 << 10;
  private static final int MOST_QUESTIONS = 8;

  /** A schema, and its CRC-64-AVRO. */
  record Known(Schema schema, long fingerprint) {

    static Known of(Schema schema) {
      return new Known(schema, SchemaNormalization.parsingFingerprint64(schema));
    }
  }

  private final ObjectMapper mapper;
  private final Function<String, Optional<String>> source;
  private final Semaphore questions = new Semaphore(MOST_QUESTIONS);

  // By the types that the application uses.
  private final Map<JavaType, Known> byType = new ConcurrentHashMap<>();
  private final Map<Long, Known> own = new ConcurrentHashMap<>();

  /** Guarded by itself. */
  private final Map<Long, Known> learned =
      new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, Known> eldest) {
          return size() > MOST_LEARNED;
        }
      };

  AvroSchemas(ObjectMapper mapper, Function<String, Optional<String>> source) {
    this.mapper = mapper;
    this.source = source;
  }

  /** The schema that values of a type are written by. */
  Known of(JavaType type) {
    Known known = byType.get(type);
    if (known == null) {
      known = Known.of(whole(new AvroShapes(mapper).of(type)));
      own.putIfAbsent(known.fingerprint(), known);
      byType.put(type, known);
    }
    return known;
  }

  /** A value itself is never null. */
  private static Schema whole(Schema schema) {
    return schema.getType() == Schema.Type.UNION ? schema.getTypes().get(1) : schema;
  }

  /** The schema of a fingerprint, if it is one of a type. */
  Optional<String> own(String fingerprint) {
    try {
      Known known = own.get(HexFormat.fromHexDigitsToLong(fingerprint));
      return Optional.ofNullable(known).map(k -> k.schema().toString());
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /**
   * The schema of a body of so many bytes.
   *
   * @throws CodecException if it is not known and cannot be had
   */
  Known find(long fingerprint, int length, Type type) {
    Known known = own.get(fingerprint);
    if (known == null) {
      synchronized (learned) {
        known = learned.get(fingerprint);
      }
    }
    return known == null ? ask(fingerprint, length, type) : known;
  }

  private Known ask(long fingerprint, int length, Type type) {
    String digits = HexFormat.of().toHexDigits(fingerprint);
    if (!questions.tryAcquire()) {
      throw Failures.limitPassed(
          ContentTypes.AVRO, type, MOST_QUESTIONS + " schemas are asked for already", null);
    }
    Optional<String> text;
    try {
      text = source.apply(digits);
    } catch (RuntimeException e) {
      throw unknown(digits, length, type, "the source of schemas failed", e);
    } finally {
      questions.release();
    }
    if (text.isEmpty()) {
      throw unknown(
          digits, length, type, "it is not known here: give the codec a source of schemas", null);
    }
    Known known = parsed(digits, text.get(), length, type);
    if (known.fingerprint() != fingerprint) {
      throw unknown(digits, length, type, "the source of schemas gave another one", null);
    }
    synchronized (learned) {
      learned.put(fingerprint, known);
    }
    return known;
  }

  private static Known parsed(String digits, String text, int length, Type type) {
    if (text.length() > LONGEST_SCHEMA) {
      throw unknown(
          digits, length, type, "it is longer than " + LONGEST_SCHEMA + " characters", null);
    }
    try {
      // Depth and size first: Avro's parser has limits of its own library only.
      JsonMapping.DEFAULT.check(text.getBytes(UTF_8), type);
      Schema.Parser parser = new Schema.Parser().setValidateDefaults(false);
      return Known.of(parser.parse(text));
    } catch (RuntimeException e) {
      throw unknown(digits, length, type, "it is no schema", e);
    }
  }

  private static CodecException unknown(
      String digits, int length, Type type, String why, @Nullable RuntimeException cause) {
    return new CodecException(
        StatusCode.INVALID_ARGUMENT,
        Delivered.NO,
        ContentTypes.AVRO
            + " body of "
            + length
            + " bytes cannot be read as "
            + type.getTypeName()
            + " by its schema, of fingerprint "
            + digits
            + ": "
            + why,
        cause);
  }
}
