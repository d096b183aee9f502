package io.carrick;

/** The media types of the codecs that come with Carrick. */
public final class ContentTypes {

  /** Bytes as they are. */
  public static final String BYTES = "application/octet-stream";

  /** UTF-8 text. */
  public static final String TEXT = "text/plain";

  /** JSON (RFC 8259). */
  public static final String JSON = "application/json";

  /** Protocol Buffers. */
  public static final String PROTOBUF = "application/x-protobuf";

  private ContentTypes() {}
}
