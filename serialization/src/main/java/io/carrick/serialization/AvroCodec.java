package io.carrick.serialization;

import io.carrick.ContentTypes;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Carries what {@link JsonCodec} carries, as Avro, {@value ContentTypes#AVRO}, with the same
 * limits. Needs Jackson 3 and Avro. Safe for use by any thread.
 *
 * <p>A body is Avro's single-object encoding: two bytes, the fingerprint of the schema that it was
 * written by, and the data. The schema of a value comes from its type. A body is read by the schema
 * of its writer, as names and values, and these are mapped to the type as those of JSON are. So the
 * schema must be known: those of all types that this codec has written or read are; others are
 * asked for by the source that it was given. What is learned so is bounded: 256 schemas of at most
 * 64 KiB, of which the one that was used longest ago goes, and 8 questions at a time.
 */
public final class AvroCodec extends DocumentCodec {

  private static final boolean AVAILABLE =
      Libraries.has("tools.jackson.databind.ObjectMapper")
          && Libraries.has("org.apache.avro.Schema");

  private final Function<String, Optional<String>> source;
  private final Object lock = new Object();
  private @Nullable AvroMapping mapping;

  /** Creates the codec, which asks nobody for schemas, for documents of up to 1 GiB. */
  public AvroCodec() {
    this(fingerprint -> Optional.empty());
  }

  /**
   * Creates the codec for documents of up to 1 GiB; the messenger's limit is usually lower.
   *
   * @param source gives the schema, as JSON, of a fingerprint of 16 hexadecimal digits; empty where
   *     it does not know it. It is called where a body is decoded, may wait there as handlers may,
   *     and what it gives is believed only if it has the fingerprint
   */
  public AvroCodec(Function<String, Optional<String>> source) {
    this(source, JsonCodec.MAX_DOCUMENT_BYTES);
  }

  /**
   * Creates the codec.
   *
   * @param maxDocumentBytes the largest document to decode, 1 to {@value
   *     JsonCodec#MAX_DOCUMENT_BYTES} bytes
   * @throws IllegalArgumentException if it is outside that range
   */
  public AvroCodec(Function<String, Optional<String>> source, int maxDocumentBytes) {
    super(
        ContentTypes.AVRO,
        35,
        AVAILABLE,
        "org.apache.avro:avro 1.12 and tools.jackson.core:jackson-databind 3.2 or later",
        maxDocumentBytes);
    this.source = Objects.requireNonNull(source, "source");
  }

  /**
   * The schema of a fingerprint, as JSON, for peers that ask: of types that this codec has written
   * or read.
   *
   * @param fingerprint 16 hexadecimal digits, as a {@link #AvroCodec(Function) source} is asked
   */
  public Optional<String> schema(String fingerprint) {
    return isAvailable() ? avro().schemas.own(fingerprint) : Optional.empty();
  }

  @Override
  DocumentMapping mapping() {
    return avro();
  }

  // Not in the constructor: without the libraries there is none.
  private AvroMapping avro() {
    synchronized (lock) {
      if (mapping == null) {
        mapping = new AvroMapping(source);
      }
      return mapping;
    }
  }
}
