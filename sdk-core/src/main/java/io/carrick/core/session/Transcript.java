package io.carrick.core.session;

import io.carrick.core.frame.Limits;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;

/**
 * What both sides said, as one SHA-256: each value with its length before it, so that no two
 * different conversations give the same bytes (docs/wire-format.md, "The handshake").
 */
final class Transcript {

  private final MessageDigest digest;

  Transcript(String purpose) {
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("this JDK has no SHA-256", e);
    }
    add(purpose);
  }

  Transcript add(byte[] value) {
    digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(value.length).flip());
    digest.update(value);
    return this;
  }

  Transcript add(String value) {
    return add(value.getBytes(StandardCharsets.UTF_8));
  }

  Transcript add(long value) {
    return add(ByteBuffer.allocate(Long.BYTES).putLong(value).array());
  }

  Transcript add(List<String> values) {
    add(values.size());
    values.forEach(this::add);
    return this;
  }

  Transcript add(Limits limits) {
    return add(limits.maxMessageBytes())
        .add(limits.initialBytes())
        .add(limits.calls())
        .add(limits.streams());
  }

  byte[] hash() {
    return digest.digest();
  }
}
