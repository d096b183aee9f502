package io.carrick.core.session.auth;

import io.carrick.core.frame.ReceiveLimits;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;

/**
 * What both sides said, as one SHA-256: each value with its length before it, so that no two
 * different conversations give the same bytes (docs/wire-format.md, "The handshake").
 */
public final class Transcript {

  private final MessageDigest digest;

  public Transcript(String purpose) {
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("this JDK has no SHA-256", e);
    }
    add(purpose);
  }

  public Transcript add(byte[] value) {
    digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(value.length).flip());
    digest.update(value);
    return this;
  }

  public Transcript add(String value) {
    return add(value.getBytes(StandardCharsets.UTF_8));
  }

  public Transcript add(long value) {
    return add(ByteBuffer.allocate(Long.BYTES).putLong(value).array());
  }

  public Transcript add(List<String> values) {
    add(values.size());
    values.forEach(this::add);
    return this;
  }

  public Transcript add(ReceiveLimits limits) {
    return add(limits.maxMessageBytes())
        .add(limits.initialBytes())
        .add(limits.calls())
        .add(limits.streams());
  }

  public byte[] hash() {
    return digest.digest();
  }
}
