package io.carrick.serialization;

import io.carrick.ContentTypes;

/**
 * Carries what {@link JsonCodec} carries, as CBOR (RFC 8949), {@value ContentTypes#CBOR}, with the
 * same limits. Needs Jackson 3 with its CBOR module. Safe for use by any thread.
 *
 * <p>Bytes go as byte strings; times, {@code UUID}, {@code BigDecimal} and {@code BigInteger} as
 * the texts that JSON has for them, so that no tag is needed: tags are refused. NaN and infinite
 * numbers are numbers.
 */
public final class CborCodec extends DocumentCodec {

  private static final boolean AVAILABLE =
      Libraries.has("tools.jackson.databind.ObjectMapper")
          && Libraries.has("tools.jackson.dataformat.cbor.CBORFactory");

  /** Creates the codec for documents of up to 1 GiB; the messenger's limit is usually lower. */
  public CborCodec() {
    this(JsonCodec.MAX_DOCUMENT_BYTES);
  }

  /**
   * Creates the codec.
   *
   * @param maxDocumentBytes the largest document to decode, 1 to {@value
   *     JsonCodec#MAX_DOCUMENT_BYTES} bytes
   * @throws IllegalArgumentException if it is outside that range
   */
  public CborCodec(int maxDocumentBytes) {
    super(
        ContentTypes.CBOR,
        45,
        AVAILABLE,
        "tools.jackson.dataformat:jackson-dataformat-cbor 3.2 or later",
        maxDocumentBytes);
  }

  @Override
  DocumentMapping mapping() {
    return CborMapping.INSTANCE;
  }
}
