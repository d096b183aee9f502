package io.carrick.jwt;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.jwk.RSAKey;
import java.util.Set;

/** Which signatures there are, and which of them a key can make. Pure. */
final class Algorithms {

  private static final Set<JWSAlgorithm> RSA =
      Set.of(
          JWSAlgorithm.RS256,
          JWSAlgorithm.RS384,
          JWSAlgorithm.RS512,
          JWSAlgorithm.PS256,
          JWSAlgorithm.PS384,
          JWSAlgorithm.PS512);

  /** All that are taken: signatures by key pairs, none by shared secrets. */
  static final Set<JWSAlgorithm> ALL =
      Set.of(
          JWSAlgorithm.RS256,
          JWSAlgorithm.RS384,
          JWSAlgorithm.RS512,
          JWSAlgorithm.PS256,
          JWSAlgorithm.PS384,
          JWSAlgorithm.PS512,
          JWSAlgorithm.ES256,
          JWSAlgorithm.ES384,
          JWSAlgorithm.ES512,
          JWSAlgorithm.EdDSA);

  private Algorithms() {}

  static JWSAlgorithm named(String name) {
    return ALL.stream()
        .filter(known -> known.getName().equals(name))
        .findFirst()
        .orElseThrow(
            () -> new IllegalArgumentException("algorithm " + name + " is not one of " + ALL));
  }

  /** What a key of this type and curve can sign. */
  static Set<JWSAlgorithm> of(JWK key) {
    if (key instanceof RSAKey) {
      return RSA;
    }
    if (key instanceof ECKey elliptic) {
      Curve curve = elliptic.getCurve();
      return curve.equals(Curve.P_256)
          ? Set.of(JWSAlgorithm.ES256)
          : curve.equals(Curve.P_384)
              ? Set.of(JWSAlgorithm.ES384)
              : curve.equals(Curve.P_521) ? Set.of(JWSAlgorithm.ES512) : Set.of();
    }
    return key instanceof OctetKeyPair pair && pair.getCurve().equals(Curve.Ed25519)
        ? Set.of(JWSAlgorithm.EdDSA)
        : Set.of();
  }
}
