package io.carrick.serialization;

import tools.jackson.core.JsonParser;
import tools.jackson.core.exc.InputCoercionException;
import tools.jackson.core.util.JsonParserDelegate;

/** Refuses a number that is beyond its type, where Jackson would make it infinite. */
final class FiniteParser extends JsonParserDelegate {

  FiniteParser(JsonParser parser) {
    super(parser);
  }

  @Override
  public double getDoubleValue() {
    double value = super.getDoubleValue();
    check(Double.isFinite(value), double.class);
    return value;
  }

  @Override
  public float getFloatValue() {
    float value = super.getFloatValue();
    check(Float.isFinite(value), float.class);
    return value;
  }

  @Override
  public Number getNumberValue() {
    Number value = super.getNumberValue();
    check(!(value instanceof Double number) || Double.isFinite(number), double.class);
    return value;
  }

  /** What is kept for later is a text, and would be made a number past this parser. */
  @Override
  public Object getNumberValueDeferred() {
    Object value = super.getNumberValueDeferred();
    check(
        !(value instanceof String text) || Double.isFinite(Double.parseDouble(text)), double.class);
    return value;
  }

  private void check(boolean finite, Class<?> type) {
    if (!finite) {
      throw new InputCoercionException(this, "a number beyond " + type, currentToken(), type);
    }
  }
}
