package io.carrick.serialization;

import tools.jackson.core.JsonParser;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.deser.std.StdDeserializer;

/**
 * Refuses to build a type from a body: Jackson would look up the class that the body names.
 *
 * @param <T> the type
 */
final class RefusingDeserializer<T> extends StdDeserializer<T> {

  RefusingDeserializer(Class<T> type) {
    super(type);
  }

  @Override
  public T deserialize(JsonParser parser, DeserializationContext context) {
    return context.reportBadDefinition(
        handledType(), "a body must not name a class: use a string and look it up yourself");
  }
}
