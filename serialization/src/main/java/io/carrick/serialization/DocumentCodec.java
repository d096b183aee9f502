package io.carrick.serialization;

import io.carrick.Message;
import io.carrick.spi.Codec;
import java.lang.reflect.GenericArrayType;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.lang.reflect.WildcardType;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Objects;

/** What the codecs for records, beans, collections and scalars share. */
abstract sealed class DocumentCodec implements Codec
    permits JsonCodec, CborCodec, MessagePackCodec, AvroCodec {

  private final String contentType;
  private final int priority;
  private final boolean available;
  private final String artifact;
  private final int maxDocumentBytes;

  /**
   * Creates it.
   *
   * @param artifact what to add where it is not available
   */
  DocumentCodec(
      String contentType, int priority, boolean available, String artifact, int maxDocumentBytes) {
    this.contentType = contentType;
    this.priority = priority;
    this.available = available;
    this.artifact = artifact;
    this.maxDocumentBytes = checked(maxDocumentBytes);
  }

  /** A limit for documents, if it is one. */
  static int checked(int maxDocumentBytes) {
    if (maxDocumentBytes < 1 || maxDocumentBytes > JsonCodec.MAX_DOCUMENT_BYTES) {
      throw new IllegalArgumentException(
          "maxDocumentBytes " + maxDocumentBytes + " must be 1 to " + JsonCodec.MAX_DOCUMENT_BYTES);
    }
    return maxDocumentBytes;
  }

  /** Called only where the library is installed. */
  abstract DocumentMapping mapping();

  @Override
  public String contentType() {
    return contentType;
  }

  @Override
  public boolean isAvailable() {
    return available;
  }

  @Override
  public String remedy() {
    return available ? "" : "add " + artifact;
  }

  @Override
  public int priority() {
    return priority;
  }

  /** Everything but bytes, {@link Message} and Protocol Buffers messages. */
  @Override
  public boolean supports(Class<?> type) {
    return type != byte[].class
        && type != Message.class
        && type != void.class
        && type != Void.class
        && !ByteBuffer.class.isAssignableFrom(type)
        && !isProtobuf(type);
  }

  /** What {@link #supports(Class)} says of the class and of each of its arguments. */
  @Override
  public boolean supports(Type type) {
    if (type instanceof Class<?> plain) {
      return supports(plain);
    }
    if (type instanceof ParameterizedType generic) {
      return supports(generic.getRawType())
          && Arrays.stream(generic.getActualTypeArguments()).allMatch(this::supportsPart);
    }
    return type instanceof GenericArrayType array && supportsPart(array.getGenericComponentType());
  }

  /** Bytes are no document, but may be a part of one. */
  private boolean supportsPart(Type type) {
    if (type instanceof WildcardType wildcard) {
      return Arrays.stream(wildcard.getUpperBounds()).allMatch(this::supportsPart);
    }
    return type == byte[].class || supports(type);
  }

  @Override
  public byte[] encode(Object value) {
    check(value.getClass());
    return mapping().encode(value);
  }

  @Override
  public byte[] encode(Object value, Type type) {
    check(value.getClass());
    check(type);
    return mapping().encode(value, type);
  }

  @Override
  @SuppressWarnings("unchecked") // The mapping makes what it is asked for, boxed if it must be.
  public <T> T decode(byte[] bytes, Class<T> type) {
    return (T) decode(bytes, (Type) type);
  }

  @Override
  public Object decode(byte[] bytes, Type type) {
    Objects.requireNonNull(bytes, "bytes");
    Objects.requireNonNull(type, "type");
    check(type);
    if (bytes.length > maxDocumentBytes) {
      throw Failures.tooLarge(contentType, type, bytes.length, maxDocumentBytes);
    }
    return mapping().decode(bytes, type);
  }

  private void check(Type type) {
    if (!supports(type)) {
      throw Failures.unsupported(
          contentType, type, "use a record, a bean, a collection or a scalar");
    }
    if (!available) {
      throw Failures.notInstalled(contentType, remedy());
    }
  }

  // By name, since protobuf may not be installed.
  private static boolean isProtobuf(Class<?> type) {
    for (Class<?> c = type; c != null; c = c.getSuperclass()) {
      if (c.getName().equals("com.google.protobuf.AbstractMessageLite")) {
        return true;
      }
    }
    return type.isInterface() && type.getName().startsWith("com.google.protobuf.Message");
  }
}
