package io.carrick;

/** The media types of the codecs that come with Carrick. */
public final class ContentTypes {

  /** Bytes as they are. */
  public static final String BYTES = "application/octet-stream";

  /** UTF-8 text. */
  public static final String TEXT = "text/plain";

  /** JSON (RFC 8259). */
  public static final String JSON = "application/json";

  /** CBOR (RFC 8949). */
  public static final String CBOR = "application/cbor";

  /** MessagePack. */
  public static final String MESSAGE_PACK = "application/vnd.msgpack";

  /** Avro, in single-object encoding: behind the fingerprint of the writer's schema. */
  public static final String AVRO = "application/avro";

  /** Protocol Buffers. */
  public static final String PROTOBUF = "application/x-protobuf";

  private ContentTypes() {}
}
