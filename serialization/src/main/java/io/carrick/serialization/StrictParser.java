package io.carrick.serialization;

import tools.jackson.core.JsonParser;
import tools.jackson.core.exc.InputCoercionException;
import tools.jackson.core.util.JsonParserDelegate;

/**
 * Refuses a number that is beyond its type, where Jackson would make it infinite. A format that has
 * infinite numbers of its own may send them.
 */
class StrictParser extends JsonParserDelegate {

  private final boolean infinite;

  /**
   * Reads what another parser does.
   *
   * @param infinite whether the format has infinite numbers and NaN
   */
  StrictParser(JsonParser parser, boolean infinite) {
    super(parser);
    this.infinite = infinite;
  }

  @Override
  public double getDoubleValue() {
    double value = super.getDoubleValue();
    check(infinite || Double.isFinite(value), double.class);
    return value;
  }

  @Override
  public float getFloatValue() {
    float value = super.getFloatValue();
    check(
        Float.isFinite(value) || (infinite && !Double.isFinite(super.getDoubleValue())),
        float.class);
    return value;
  }

  @Override
  public Number getNumberValue() {
    Number value = super.getNumberValue();
    check(infinite || !(value instanceof Double number) || Double.isFinite(number), double.class);
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
