package io.carrick.serialization;

import io.carrick.CodecException;
import io.carrick.ContentTypes;
import java.io.ByteArrayOutputStream;
import java.lang.reflect.Type;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.json.JsonMapper;

/** JSON by Jackson. */
final class JsonMapping extends JacksonMapping {

  static final JsonMapping DEFAULT =
      new JsonMapping(
          JacksonRules.safe(
                  JacksonRules.exact(
                      JsonMapper.builder(
                          JacksonRules.bounded(
                                  JsonFactory.builder(), StreamReadConstraints.defaults())
                              .build())))
              .build());

  private final JsonFactory factory;

  private JsonMapping(JsonMapper mapper) {
    this(mapper, mapper.tokenStreamFactory());
  }

  private JsonMapping(JsonMapper mapper, JsonFactory factory) {
    super(ContentTypes.JSON, mapper);
    this.factory = factory;
  }

  /**
   * With another mapper, which is copied; a copy keeps its factory, so the limits have their own.
   */
  static JsonMapping of(JsonMapper mapper) {
    JsonFactory factory = mapper.tokenStreamFactory();
    return new JsonMapping(
        JacksonRules.safe(mapper.rebuild()).build(),
        JacksonRules.bounded(factory.rebuild(), factory.streamReadConstraints()).build());
  }

  @Override
  byte[] write(Object value, @Nullable JavaType as) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (JsonGenerator generator = factory.createGenerator(mapper._serializationContext(), out)) {
      writer(as).writeValue(generator, value);
    }
    byte[] json = out.toByteArray();
    if (Utf8.unpairedInJson(json) >= 0) {
      throw Failures.notEncodable(
          ContentTypes.JSON, value.getClass(), "it has an unpaired surrogate", null);
    }
    return json;
  }

  @Override
  JsonParser parser(byte[] bytes, Type type) {
    int bad = Utf8.unpairedInJson(bytes);
    if (bad >= 0) {
      throw Failures.malformed(
          ContentTypes.JSON, type, bytes.length, "byte " + bad + " (an unpaired surrogate)");
    }
    return new StrictParser(factory.createParser(mapper._deserializationContext(), bytes), false);
  }

  /**
   * Looks through a body for another reader: it is one JSON value within the limits.
   *
   * @throws CodecException if it is not
   */
  void check(byte[] bytes, Type type) {
    try (JsonParser parser = parser(bytes, type)) {
      int values = 0;
      for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
        if (parser.streamReadContext().inRoot() && !token.isStructStart()) {
          values++;
        }
        // Numbers and texts are read lazily, and their limits are checked then.
        if (token.isScalarValue()) {
          String ignored = parser.getString();
        }
      }
      if (values != 1) {
        throw Failures.malformed(
            ContentTypes.JSON, type, bytes.length, "byte " + bytes.length + " (not one value)");
      }
    } catch (JacksonException e) {
      throw failure(e, bytes.length, type);
    }
  }
}
