package io.carrick.serialization;

/** What a {@link DocumentCodec} does with the library that it needs, and without naming it. */
interface DocumentMapping {

  byte[] encode(Object value);

  <T> T decode(byte[] bytes, Class<T> type);
}
