package io.carrick.serialization;

import io.carrick.CodecException;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.ObjectWriter;
import tools.jackson.databind.exc.InvalidDefinitionException;
import tools.jackson.databind.exc.MismatchedInputException;

/** Maps values to documents with Jackson. What it throws names places, and never quotes a body. */
abstract class JacksonMapping implements DocumentMapping {

  private final String contentType;

  /** With the rules of {@link JacksonRules}. */
  final ObjectMapper mapper;

  JacksonMapping(String contentType, ObjectMapper mapper) {
    this.contentType = contentType;
    this.mapper = mapper;
  }

  /**
   * Writes a value.
   *
   * @param as the type that it is written as; null for what it is
   */
  abstract byte[] write(Object value, @Nullable JavaType as);

  /** Reads a body, of which it may refuse any that will not do for the type. */
  abstract JsonParser parser(byte[] bytes, Type type);

  /** What writes a value as a type. */
  final ObjectWriter writer(@Nullable JavaType as) {
    return as == null ? mapper.writer() : mapper.writerFor(as);
  }

  @Override
  public final byte[] encode(Object value) {
    return encode(value, value.getClass());
  }

  @Override
  public final byte[] encode(Object value, Type type) {
    try {
      return write(value, type instanceof Class<?> ? null : mapper.constructType(type));
    } catch (StreamConstraintsException e) {
      throw Failures.limitPassed(contentType, type, e.getOriginalMessage(), e);
    } catch (JacksonException e) {
      throw Failures.notEncodable(contentType, type, e.getOriginalMessage() + in(e), e);
    }
  }

  @Override
  public final Object decode(byte[] bytes, Type type) {
    Object value;
    try (JsonParser parser = parser(bytes, type)) {
      value = mapper.readValue(parser, mapper.constructType(type));
    } catch (JacksonException e) {
      throw failure(e, bytes.length, type);
    } catch (IllegalArgumentException | ArithmeticException e) {
      // Some of Jackson's converters let what the JDK throws for a value pass.
      throw malformed(e, bytes.length, type, "an unknown place");
    }
    if (value == null) {
      throw Failures.malformed(contentType, type, bytes.length, "its beginning (null)");
    }
    return value;
  }

  final CodecException failure(JacksonException e, int length, Type type) {
    if (e instanceof StreamConstraintsException) {
      return Failures.limitPassed(contentType, type, e.getOriginalMessage(), null);
    }
    if (e instanceof InvalidDefinitionException) {
      return Failures.unusable(contentType, type, e.getOriginalMessage(), e);
    }
    TokenStreamLocation at = e.getLocation();
    return malformed(e, length, type, (at == null ? "an unknown place" : place(at)) + in(e));
  }

  private static String place(TokenStreamLocation at) {
    if (at.getLineNr() > 0) {
      return "line " + at.getLineNr() + ", column " + at.getColumnNr();
    }
    return at.getByteOffset() >= 0 ? "byte " + at.getByteOffset() : "an unknown place";
  }

  /** The property where it happened, and its type; empty for the value itself. */
  private static String in(JacksonException e) {
    List<String> names = new ArrayList<>();
    for (JacksonException.Reference step : e.getPath()) {
      boolean inList = step.getPropertyName() == null;
      // Keys of a map are part of the payload, and not quoted.
      names.add(
          inList
              ? "[" + step.getIndex() + "]"
              : isMap(step.from()) ? "[*]" : "." + step.getPropertyName());
    }
    if (names.isEmpty()) {
      return "";
    }
    String path = String.join("", names);
    Class<?> target =
        e instanceof MismatchedInputException mismatch ? mismatch.getTargetType() : null;
    return ", in "
        + (path.startsWith(".") ? path.substring(1) : path)
        + (target == null ? "" : " of type " + target.getTypeName());
  }

  private static boolean isMap(Object from) {
    return from instanceof Map<?, ?>
        || (from instanceof Class<?> type && Map.class.isAssignableFrom(type))
        || from == Object.class;
  }

  // Without the cause: its message quotes the payload, which must not reach a log.
  private CodecException malformed(RuntimeException e, int length, Type type, String where) {
    return Failures.malformed(
        contentType, type, length, where + " (" + e.getClass().getSimpleName() + ")");
  }
}
