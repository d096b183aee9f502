package io.carrick.serialization;

import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.ser.std.StdSerializer;

/**
 * Refuses to write what {@link RefusingDeserializer} refuses to read.
 *
 * @param <T> the type
 */
final class RefusingSerializer<T> extends StdSerializer<T> {

  RefusingSerializer(Class<T> type) {
    super(type);
  }

  @Override
  public void serialize(T value, JsonGenerator generator, SerializationContext context) {
    context.reportBadDefinition(
        handledType(), "no peer would take a class from a body: send its name as a string");
  }
}
