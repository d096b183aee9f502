package io.carrick.serialization;

import tools.jackson.core.JsonGenerator;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.core.util.JsonGeneratorDelegate;

/** Bounds the levels of a tree that is written, as Jackson itself does where it writes bytes. */
final class ShallowGenerator extends JsonGeneratorDelegate {

  ShallowGenerator(JsonGenerator tree) {
    super(tree, false);
  }

  @Override
  public JsonGenerator writeStartArray() {
    return checked(super.writeStartArray());
  }

  @Override
  public JsonGenerator writeStartArray(Object value) {
    return checked(super.writeStartArray(value));
  }

  @Override
  public JsonGenerator writeStartArray(Object value, int size) {
    return checked(super.writeStartArray(value, size));
  }

  @Override
  public JsonGenerator writeStartObject() {
    return checked(super.writeStartObject());
  }

  @Override
  public JsonGenerator writeStartObject(Object value) {
    return checked(super.writeStartObject(value));
  }

  @Override
  public JsonGenerator writeStartObject(Object value, int size) {
    return checked(super.writeStartObject(value, size));
  }

  private JsonGenerator checked(JsonGenerator generator) {
    if (streamWriteContext().getNestingDepth() > JsonCodec.MAX_DEPTH) {
      throw new StreamConstraintsException(
          "nesting is deeper than the " + JsonCodec.MAX_DEPTH + " levels allowed");
    }
    return generator;
  }
}
