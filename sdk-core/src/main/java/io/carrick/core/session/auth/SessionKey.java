package io.carrick.core.session.auth;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * The secret that both sides of a session share and that never crosses the wire: 32 bytes for
 * HMAC-SHA-256 (RFC 2104), derived by HKDF (RFC 5869). Immutable; its text hides it.
 */
public final class SessionKey {

  private static final String ALGORITHM = "HmacSHA256";

  private final byte[] bytes;

  private SessionKey(byte[] bytes) {
    this.bytes = bytes;
  }

  /** HKDF of an agreed secret; the salt is the hash of what was said. */
  public static SessionKey derive(byte[] secret, byte[] salt, String purpose) {
    byte[] extracted = hmac(salt, secret);
    byte[] info = purpose.getBytes(StandardCharsets.US_ASCII);
    // One block is all of a 32 byte key: T(1) of RFC 5869 §2.3.
    return new SessionKey(hmac(extracted, info, new byte[] {1}));
  }

  /** The key that takes the place of this one after a resume that said this. */
  public SessionKey next(byte[] transcript) {
    return derive(bytes, transcript, "carrick v1 resumed");
  }

  /** What only who has the key can compute; the purpose keeps uses apart. */
  public byte[] mac(String purpose, byte[] message) {
    return hmac(bytes, purpose.getBytes(StandardCharsets.US_ASCII), message);
  }

  private static byte[] hmac(byte[] key, byte[]... parts) {
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(new SecretKeySpec(key, ALGORITHM));
      for (byte[] part : parts) {
        mac.update(part);
      }
      return mac.doFinal();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this JDK has no " + ALGORITHM, e);
    }
  }

  @Override
  public String toString() {
    return "SessionKey[***]";
  }
}
