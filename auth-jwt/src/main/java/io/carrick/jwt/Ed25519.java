package io.carrick.jwt;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.crypto.impl.BaseJWSProvider;
import com.nimbusds.jose.util.Base64URL;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.util.HexFormat;
import java.util.Set;

/** EdDSA by the JDK: the library's own needs one more library. */
final class Ed25519 extends BaseJWSProvider implements JWSVerifier {

  private static final int BYTES = 32;

  // RFC 8410: what stands before the 32 bytes in a SubjectPublicKeyInfo.
  private static final byte[] PREFIX = HexFormat.of().parseHex("302a300506032b6570032100");

  private final PublicKey key;

  Ed25519(byte[] point) throws JOSEException {
    super(Set.of(JWSAlgorithm.EdDSA));
    if (point.length != BYTES) {
      throw new JOSEException("a point of " + point.length + " bytes, and Ed25519 has " + BYTES);
    }
    byte[] encoded = ByteBuffer.allocate(PREFIX.length + BYTES).put(PREFIX).put(point).array();
    try {
      key = KeyFactory.getInstance("Ed25519").generatePublic(new X509EncodedKeySpec(encoded));
    } catch (GeneralSecurityException e) {
      throw new JOSEException("no key of Ed25519", e);
    }
  }

  @Override
  public boolean verify(JWSHeader header, byte[] input, Base64URL signature) throws JOSEException {
    try {
      Signature check = Signature.getInstance("Ed25519");
      check.initVerify(key);
      check.update(input);
      return check.verify(signature.decode());
    } catch (GeneralSecurityException e) {
      throw new JOSEException("no signature of Ed25519", e);
    }
  }
}
