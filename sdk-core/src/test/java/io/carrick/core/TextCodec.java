package io.carrick.core;

import io.carrick.spi.Codec;
import java.nio.charset.StandardCharsets;

/** Strings and numbers as text, for tests. */
public final class TextCodec implements Codec {

  @Override
  public String contentType() {
    return "text/plain";
  }

  @Override
  public int priority() {
    return 50;
  }

  @Override
  public boolean supports(Class<?> type) {
    return type == String.class || type == Integer.class;
  }

  @Override
  public byte[] encode(Object value) {
    return value.toString().getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public <T> T decode(byte[] bytes, Class<T> type) {
    String text = new String(bytes, StandardCharsets.UTF_8);
    return type.cast(type == Integer.class ? Integer.valueOf(text) : text);
  }
}
