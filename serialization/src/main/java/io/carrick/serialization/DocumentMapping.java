package io.carrick.serialization;

import java.lang.reflect.Type;

/** What a {@link DocumentCodec} does with the library that it needs, and without naming it. */
interface DocumentMapping {

  byte[] encode(Object value);

  /** Encodes a value as a type that it was declared with. */
  byte[] encode(Object value, Type type);

  Object decode(byte[] bytes, Type type);
}
