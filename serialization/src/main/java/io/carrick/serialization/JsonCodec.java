package io.carrick.serialization;

import io.carrick.ContentTypes;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * Carries records, beans, collections and scalars as JSON (RFC 8259), {@value ContentTypes#JSON}.
 * Needs Jackson 3. Safe for use by any thread.
 *
 * <p>Properties that the type does not have are ignored, since a newer peer may add some; anything
 * behind the value is refused, and so is what would become another value: a fraction for a whole
 * number, a number beyond its type, the same name twice, half of a surrogate pair. Times keep their
 * offset or zone. A body never names a class, whatever the annotations of the type say. Limits:
 * {@value #MAX_DEPTH} levels of nesting, strings of {@value #MAX_STRING_LENGTH} characters, names
 * of {@value #MAX_NAME_LENGTH}, numbers of {@value #MAX_NUMBER_LENGTH} digits.
 */
public sealed class JsonCodec extends DocumentCodec permits InstalledJsonCodec {

  /** The most levels of objects and arrays: 64, in both directions. */
  public static final int MAX_DEPTH = 64;

  /** The longest string: 1,048,576 characters. */
  public static final int MAX_STRING_LENGTH = 1 << 20;

  /** The longest name of a property: 1,024 characters. */
  public static final int MAX_NAME_LENGTH = 1_024;

  /** The longest number: 100 digits. */
  public static final int MAX_NUMBER_LENGTH = 100;

  /** The largest document that can be allowed, and the default: 1 GiB. */
  public static final int MAX_DOCUMENT_BYTES = 1 << 30;

  private static final boolean AVAILABLE = Libraries.has("tools.jackson.databind.json.JsonMapper");

  /** What maps, where it is not {@link JsonMapping#DEFAULT}. */
  private final @Nullable DocumentMapping mapping;

  /** Creates the codec for documents of up to 1 GiB; the messenger's limit is usually lower. */
  public JsonCodec() {
    this(MAX_DOCUMENT_BYTES);
  }

  /**
   * Creates the codec.
   *
   * @param maxDocumentBytes the largest document to decode, 1 to {@value #MAX_DOCUMENT_BYTES} bytes
   * @throws IllegalArgumentException if it is outside that range
   */
  public JsonCodec(int maxDocumentBytes) {
    this(maxDocumentBytes, null);
  }

  /**
   * Creates the codec with a mapper of the application's own: its modules, names, inclusion, what
   * it does with unknown properties, numbers and times. The mapper is copied, and the copy keeps
   * the limits of this class, or those of the mapper where they are lower; refuses what follows a
   * value, the same name twice, and every class that a body names, also where the mapper has
   * default typing. Give it to {@code Messenger.Builder.codec}.
   */
  public JsonCodec(JsonMapper mapper) {
    this(MAX_DOCUMENT_BYTES, JsonMapping.of(mapper));
  }

  private JsonCodec(int maxDocumentBytes, @Nullable DocumentMapping mapping) {
    super(
        ContentTypes.JSON,
        50,
        AVAILABLE,
        "tools.jackson.core:jackson-databind 3.2 or later",
        maxDocumentBytes);
    this.mapping = mapping;
  }

  @Override
  final DocumentMapping mapping() {
    return mapping == null ? JsonMapping.DEFAULT : mapping;
  }
}
