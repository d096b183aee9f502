package io.carrick.jwt;

import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.util.Base64URL;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;

/** Makes keys and tokens, also such as no issuer would make. Signs by the JDK alone. */
final class Issuer {

  static final String ISSUER = "https://login.example.com";
  static final String AUDIENCE = "orders";

  final KeyPair rsa = generate("RSA", 2_048);
  final KeyPair elliptic = generateEc("secp256r1");
  final KeyPair edwards = generate("Ed25519", 255);

  static KeyPair generate(String algorithm, int bits) {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
      generator.initialize(bits);
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  static KeyPair generateEc(String curve) {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec(curve));
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  JWK rsaKey(String id) {
    return new RSAKey.Builder((RSAPublicKey) rsa.getPublic()).keyID(id).build();
  }

  JWK ellipticKey(String id) {
    return new ECKey.Builder(Curve.P_256, (ECPublicKey) elliptic.getPublic()).keyID(id).build();
  }

  JWK edwardsKey(String id) {
    byte[] encoded = edwards.getPublic().getEncoded();
    byte[] point = Arrays.copyOfRange(encoded, encoded.length - 32, encoded.length);
    return new OctetKeyPair.Builder(Curve.Ed25519, Base64URL.encode(point)).keyID(id).build();
  }

  /** The key set with keys {@code r}, {@code e} and {@code d}. */
  String keys() {
    return set(rsaKey("r"), ellipticKey("e"), edwardsKey("d"));
  }

  static String set(JWK... keys) {
    return new JWKSet(List.of(keys)).toString(true);
  }

  /** Claims for one hour. */
  static String claims() {
    return claims(Instant.now().plusSeconds(3_600));
  }

  static String claims(Instant end) {
    return "{\"iss\":\""
        + ISSUER
        + "\",\"aud\":\""
        + AUDIENCE
        + "\",\"sub\":\"alice\",\"exp\":"
        + end.getEpochSecond()
        + "}";
  }

  static String header(String algorithm, String key) {
    return "{\"alg\":\"" + algorithm + "\",\"typ\":\"JWT\",\"kid\":\"" + key + "\"}";
  }

  static String encoded(String json) {
    return encoded(json.getBytes(StandardCharsets.UTF_8));
  }

  static String encoded(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  static String input(String header, String claims) {
    return encoded(header) + "." + encoded(claims);
  }

  String rs256(String header, String claims) {
    return signed(input(header, claims), "SHA256withRSA", rsa);
  }

  String rs256(String claims) {
    return rs256(header("RS256", "r"), claims);
  }

  String es256(String header, String claims) {
    return signed(input(header, claims), "SHA256withECDSAinP1363Format", elliptic);
  }

  String eddsa(String header, String claims) {
    return signed(input(header, claims), "Ed25519", edwards);
  }

  static String signed(String input, String algorithm, KeyPair pair) {
    try {
      Signature signature = Signature.getInstance(algorithm);
      signature.initSign(pair.getPrivate());
      signature.update(input.getBytes(StandardCharsets.US_ASCII));
      return input + "." + encoded(signature.sign());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }
}
