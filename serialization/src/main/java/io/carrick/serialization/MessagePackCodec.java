package io.carrick.serialization;

import io.carrick.ContentTypes;

/**
 * Carries what {@link JsonCodec} carries, as MessagePack, {@value ContentTypes#MESSAGE_PACK}, with
 * the same limits. Needs Jackson 3 and msgpack-core. Safe for use by any thread.
 *
 * <p>Bytes go as bin; times, {@code UUID}, {@code BigDecimal} and {@code BigInteger} as the texts
 * that JSON has for them, so that no extension type is needed: those are refused. NaN and infinite
 * numbers are numbers.
 */
public final class MessagePackCodec extends DocumentCodec {

  private static final boolean AVAILABLE =
      Libraries.has("tools.jackson.databind.ObjectMapper")
          && Libraries.has("org.msgpack.core.MessagePack");

  /** Creates the codec for documents of up to 1 GiB; the messenger's limit is usually lower. */
  public MessagePackCodec() {
    this(JsonCodec.MAX_DOCUMENT_BYTES);
  }

  /**
   * Creates the codec.
   *
   * @param maxDocumentBytes the largest document to decode, 1 to {@value
   *     JsonCodec#MAX_DOCUMENT_BYTES} bytes
   * @throws IllegalArgumentException if it is outside that range
   */
  public MessagePackCodec(int maxDocumentBytes) {
    super(
        ContentTypes.MESSAGE_PACK,
        40,
        AVAILABLE,
        "org.msgpack:msgpack-core 0.9.12 and tools.jackson.core:jackson-databind 3.2 or later",
        maxDocumentBytes);
  }

  @Override
  DocumentMapping mapping() {
    return MessagePackMapping.INSTANCE;
  }
}
