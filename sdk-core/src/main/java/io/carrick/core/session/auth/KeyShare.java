package io.carrick.core.session.auth;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.interfaces.XECPublicKey;
import java.security.spec.NamedParameterSpec;
import java.security.spec.XECPublicKeySpec;
import javax.crypto.KeyAgreement;

/** One side of an ephemeral X25519 exchange (RFC 7748 §6.1); used once. */
public final class KeyShare {

  public static final int BYTES = 32;

  private static final String ALGORITHM = "X25519";

  private final KeyPair pair;

  public KeyShare(KeyPair pair) {
    this.pair = pair;
  }

  public static KeyShare create() {
    try {
      return new KeyShare(KeyPairGenerator.getInstance(ALGORITHM).generateKeyPair());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this JDK has no " + ALGORITHM, e);
    }
  }

  /** The public key as it goes into HELLO and WELCOME: the u-coordinate, little-endian. */
  public byte[] publicKey() {
    byte[] u = ((XECPublicKey) pair.getPublic()).getU().toByteArray();
    byte[] out = new byte[BYTES];
    for (int i = 0; i < Math.min(u.length, BYTES); i++) {
      out[i] = u[u.length - 1 - i];
    }
    return out;
  }

  /**
   * The secret that both sides get.
   *
   * @throws GeneralSecurityException if the peer's key is no point that gives one
   */
  public byte[] agree(byte[] theirs) throws GeneralSecurityException {
    if (theirs.length != BYTES) {
      throw new GeneralSecurityException("a key share has 32 bytes, this one " + theirs.length);
    }
    byte[] bigEndian = new byte[BYTES];
    for (int i = 0; i < BYTES; i++) {
      bigEndian[i] = theirs[BYTES - 1 - i];
    }
    // RFC 7748 §5: the highest bit of the last byte is ignored.
    bigEndian[0] &= 0x7f;
    KeyAgreement agreement = KeyAgreement.getInstance(ALGORITHM);
    agreement.init(pair.getPrivate());
    agreement.doPhase(
        KeyFactory.getInstance(ALGORITHM)
            .generatePublic(
                new XECPublicKeySpec(NamedParameterSpec.X25519, new BigInteger(1, bigEndian))),
        true);
    return agreement.generateSecret();
  }

  @Override
  public String toString() {
    return "KeyShare[***]";
  }
}
