package io.carrick.jwt;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSObject;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.jwk.RSAKey;
import io.carrick.TokenException;
import java.util.Set;

/**
 * A public key and the signatures that are taken from it.
 *
 * @param algorithms those of its type, or the one that it names
 */
record Key(Set<JWSAlgorithm> algorithms, JWSVerifier verifier) {

  private static final int LEAST_RSA_BITS = 2_048;

  /**
   * A key of a key set.
   *
   * @throws IllegalArgumentException if it is not one that can be used, and why
   */
  static Key of(JWK key) {
    if (key.isPrivate()) {
      throw new IllegalArgumentException(
          "key " + key.getKeyID() + " is private: give the public part only, and replace it");
    }
    Set<JWSAlgorithm> able = Algorithms.of(key);
    if (key.getAlgorithm() != null) {
      able =
          able.stream()
              .filter(one -> one.getName().equals(key.getAlgorithm().getName()))
              .collect(java.util.stream.Collectors.toUnmodifiableSet());
    }
    if (able.isEmpty()) {
      throw new IllegalArgumentException(
          "key " + key.getKeyID() + " signs none of " + Algorithms.ALL);
    }
    if (key instanceof RSAKey && key.size() < LEAST_RSA_BITS) {
      throw new IllegalArgumentException(
          "key "
              + key.getKeyID()
              + " has "
              + key.size()
              + " bits, and RSA needs "
              + LEAST_RSA_BITS);
    }
    try {
      return new Key(able, verifier(key));
    } catch (JOSEException e) {
      throw new IllegalArgumentException("key " + key.getKeyID() + " is no key", e);
    }
  }

  private static JWSVerifier verifier(JWK key) throws JOSEException {
    if (key instanceof RSAKey rsa) {
      return new RSASSAVerifier(rsa.toRSAPublicKey());
    }
    return key instanceof ECKey elliptic
        ? new ECDSAVerifier(elliptic.toECPublicKey())
        : new Ed25519(((OctetKeyPair) key).getDecodedX());
  }

  /** Whether the signature of a token was made by this key, by an algorithm that it serves. */
  void check(JWSObject token) throws TokenException {
    boolean good;
    try {
      good = algorithms.contains(token.getHeader().getAlgorithm()) && token.verify(verifier);
    } catch (JOSEException | RuntimeException e) {
      good = false;
    }
    if (!good) {
      throw new TokenException(
          TokenException.Reason.UNTRUSTED,
          "no good signature of key " + token.getHeader().getKeyID());
    }
  }
}
