package io.carrick.serialization;

/**
 * The {@link JsonCodec} that {@code ServiceLoader} finds. A class of its own, since who looks at
 * the constructors of that one needs Jackson.
 */
public final class InstalledJsonCodec extends JsonCodec {

  /** Creates the codec as {@link JsonCodec#JsonCodec()} does. */
  public InstalledJsonCodec() {}
}
