package io.carrick.jwt;

import static io.carrick.TokenException.Reason.EXPIRED;
import static io.carrick.TokenException.Reason.MALFORMED;
import static io.carrick.TokenException.Reason.NOT_FOR_THIS;
import static io.carrick.TokenException.Reason.NOT_YET_VALID;
import static io.carrick.TokenException.Reason.UNTRUSTED;
import static io.carrick.jwt.Issuer.claims;
import static io.carrick.jwt.Issuer.encoded;
import static io.carrick.jwt.Issuer.header;
import static io.carrick.jwt.Issuer.input;

import com.nimbusds.jose.jwk.RSAKey;
import io.carrick.TokenException.Reason;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.interfaces.RSAPublicKey;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Tokens that nobody should trust who trusts the keys of an {@link Issuer}. */
final class Forgeries {

  /** One of them. */
  record Forgery(String name, String token, Reason reason) {
    @Override
    public String toString() {
      return name;
    }
  }

  private final Issuer issuer;
  private final List<Forgery> all = new ArrayList<>();

  private Forgeries(Issuer issuer) {
    this.issuer = issuer;
  }

  static List<Forgery> of(Issuer issuer) {
    Forgeries forgeries = new Forgeries(issuer);
    forgeries.ofAlgorithm();
    forgeries.ofKey();
    forgeries.ofSignature();
    forgeries.ofForm();
    forgeries.ofClaims();
    forgeries.ofTime();
    return forgeries.all;
  }

  private void add(String name, String token, Reason reason) {
    all.add(new Forgery(name, token, reason));
  }

  private void ofAlgorithm() {
    for (String none : List.of("none", "None", "NONE", "nOnE")) {
      add("alg " + none, input(header(none, "r"), claims()) + ".", MALFORMED);
    }
    add(
        "alg none with a signature",
        input(header("none", "r"), claims()) + "." + encoded("x"),
        MALFORMED);
    add(
        "alg NONE with a signature",
        input(header("NONE", "r"), claims()) + "." + encoded("x"),
        UNTRUSTED);
    add("alg empty", issuer.rs256(header("", "r"), claims()), UNTRUSTED);
    add("alg missing", issuer.rs256("{\"typ\":\"JWT\",\"kid\":\"r\"}", claims()), MALFORMED);
    add(
        "alg no string",
        issuer.rs256("{\"alg\":256,\"typ\":\"JWT\",\"kid\":\"r\"}", claims()),
        MALFORMED);
    add("alg rs256 in lower case", issuer.rs256(header("rs256", "r"), claims()), UNTRUSTED);
    add("HS256 with the RSA key's DER", hs256("r", issuer.rsa.getPublic().getEncoded()), UNTRUSTED);
    add("HS256 with the RSA key's PEM", hs256("r", pem(issuer.rsa)), UNTRUSTED);
    add(
        "HS256 with the RSA key's modulus",
        hs256("r", ((RSAPublicKey) issuer.rsa.getPublic()).getModulus().toByteArray()),
        UNTRUSTED);
    add(
        "HS256 with the EC key's DER",
        hs256("e", issuer.elliptic.getPublic().getEncoded()),
        UNTRUSTED);
    add("HS256 with an empty key id's key", hs256("r", new byte[] {0}), UNTRUSTED);
    add("RS256 said of an EC signature", issuer.es256(header("RS256", "e"), claims()), UNTRUSTED);
    add("ES256 said of an RSA signature", issuer.rs256(header("ES256", "r"), claims()), UNTRUSTED);
    add("EdDSA said of the RSA key", issuer.eddsa(header("EdDSA", "r"), claims()), UNTRUSTED);
    add(
        "RS512 said of an RS256 signature",
        issuer.rs256(header("RS512", "r"), claims()),
        UNTRUSTED);
    add(
        "encrypted",
        encoded("{\"alg\":\"dir\",\"enc\":\"A128GCM\"}")
            + ".."
            + encoded("iv")
            + "."
            + encoded("x")
            + ".",
        MALFORMED);
  }

  private void ofKey() {
    KeyPair own = Issuer.generate("RSA", 2_048);
    String input = input(header("RS256", "r"), claims());
    add("another RSA key", Issuer.signed(input, "SHA256withRSA", own), UNTRUSTED);
    add(
        "another EC key",
        Issuer.signed(
            input(header("ES256", "e"), claims()),
            "SHA256withECDSAinP1363Format",
            Issuer.generateEc("secp256r1")),
        UNTRUSTED);
    add(
        "another EdDSA key",
        Issuer.signed(
            input(header("EdDSA", "d"), claims()), "Ed25519", Issuer.generate("Ed25519", 255)),
        UNTRUSTED);
    String jwk = new RSAKey.Builder((RSAPublicKey) own.getPublic()).keyID("r").build().toString();
    add("the key embedded as jwk", with(own, "\"jwk\":" + jwk), UNTRUSTED);
    add("the key's address as jku", with(own, "\"jku\":\"https://evil.example/jwks\""), UNTRUSTED);
    add("the key's address as x5u", with(own, "\"x5u\":\"https://evil.example/c\""), UNTRUSTED);
    add("the key as x5c", with(own, "\"x5c\":[\"AAAA\"]"), UNTRUSTED);
    add(
        "jku beside a good signature",
        with(issuer.rsa, "\"jku\":\"https://a.example\""),
        UNTRUSTED);
    add("a key id that is not known", issuer.rs256(header("RS256", "s"), claims()), UNTRUSTED);
    add("no key id", issuer.rs256("{\"alg\":\"RS256\",\"typ\":\"JWT\"}", claims()), UNTRUSTED);
    for (String id :
        List.of("../../../dev/null", "r' OR '1'='1", "r\\u0000", "r\\n[audit] ok", "R", " r")) {
      add("key id " + id, issuer.rs256(header("RS256", id), claims()), UNTRUSTED);
    }
    add("an empty key id", issuer.rs256(header("RS256", ""), claims()), MALFORMED);
    add("a long key id", issuer.rs256(header("RS256", "r".repeat(300)), claims()), MALFORMED);
    add(
        "a key id that is a list",
        issuer.rs256("{\"alg\":\"RS256\",\"typ\":\"JWT\",\"kid\":[\"r\"]}", claims()),
        MALFORMED);
  }

  private void ofSignature() {
    String input = input(header("ES256", "e"), claims());
    add("psychic: r and s are 0", input + "." + encoded(new byte[64]), UNTRUSTED);
    byte[] order =
        new BigInteger("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551", 16)
            .toByteArray();
    byte[] ofOrder = new byte[64];
    System.arraycopy(order, 1, ofOrder, 0, 32);
    System.arraycopy(order, 1, ofOrder, 32, 32);
    add("r and s are the curve's order", input + "." + encoded(ofOrder), UNTRUSTED);
    add("signature of one byte", input + "." + encoded(new byte[1]), UNTRUSTED);
    add("signature of 64 KiB", input + "." + encoded(new byte[4_096]), UNTRUSTED);
    String good = issuer.rs256(claims());
    add("no signature", good.substring(0, good.lastIndexOf('.') + 1), MALFORMED);
    add("two parts", good.substring(0, good.lastIndexOf('.')), MALFORMED);
    add("cut by a byte", good.substring(0, good.length() - 2), UNTRUSTED);
    add("cut within the claims", good.substring(0, good.indexOf('.') + 20), MALFORMED);
    String[] parts = good.split("\\.");
    String other = encoded(claims().replace("alice", "admin"));
    add("other claims, same signature", parts[0] + "." + other + "." + parts[2], UNTRUSTED);
    add("padding behind", good + "==", MALFORMED);
    add("a fourth part", good + ".e30", MALFORMED);
    add("blanks around", " " + good + " ", MALFORMED);
    add("characters that are no Base64", good + "*", MALFORMED);
    add(
        "DER where P1363 is right",
        Issuer.signed(input, "SHA256withECDSA", issuer.elliptic),
        UNTRUSTED);
  }

  private void ofForm() {
    add("empty", "", MALFORMED);
    add("dots", "..", MALFORMED);
    add("words", "Bearer token", MALFORMED);
    add("over 8 KiB", issuer.rs256(claims().replace("alice", "a".repeat(8_192))), MALFORMED);
    add("header is no JSON", issuer.rs256("{\"alg\":", claims()), MALFORMED);
    add("header is a list", issuer.rs256("[\"alg\"]", claims()), MALFORMED);
    add(
        "alg twice",
        issuer.rs256(
            "{\"alg\":\"RS256\",\"alg\":\"none\",\"typ\":\"JWT\",\"kid\":\"r\"}", claims()),
        MALFORMED);
    add("crit", with(issuer.rsa, "\"crit\":[\"exp\"],\"exp\":1"), UNTRUSTED);
    add("b64 false", with(issuer.rsa, "\"crit\":[\"b64\"],\"b64\":false"), UNTRUSTED);
    add("zip", with(issuer.rsa, "\"zip\":\"DEF\""), UNTRUSTED);
    add("a header parameter of its own", with(issuer.rsa, "\"admin\":true"), UNTRUSTED);
    add("typ missing", issuer.rs256("{\"alg\":\"RS256\",\"kid\":\"r\"}", claims()), NOT_FOR_THIS);
    add(
        "typ of another purpose",
        issuer.rs256("{\"alg\":\"RS256\",\"typ\":\"logout+jwt\",\"kid\":\"r\"}", claims()),
        NOT_FOR_THIS);
    add("claims are no JSON", issuer.rs256("alice"), MALFORMED);
    add("claims are a list", issuer.rs256("[1]"), MALFORMED);
    add(
        "lists nested far",
        issuer.rs256("{\"a\":" + "[".repeat(2_500) + "]".repeat(2_500) + "}"),
        MALFORMED);
    add("header nested far", issuer.rs256("[".repeat(5_000), claims()), MALFORMED);
    add("nested far", issuer.rs256("{\"a\":".repeat(900) + "1" + "}".repeat(900)), MALFORMED);
  }

  private void ofClaims() {
    String good = claims();
    add("iss missing", issuer.rs256(good.replace("\"iss\"", "\"i\"")), NOT_FOR_THIS);
    add("iss of another", issuer.rs256(good.replace("login", "logout")), NOT_FOR_THIS);
    add("iss with a slash more", issuer.rs256(good.replace(".com", ".com/")), NOT_FOR_THIS);
    add("iss a list", issuer.rs256(good.replace("\"" + Issuer.ISSUER + "\"", "[1]")), MALFORMED);
    add("aud missing", issuer.rs256(good.replace("\"aud\"", "\"a\"")), NOT_FOR_THIS);
    add("aud of another", issuer.rs256(good.replace("orders", "bank")), NOT_FOR_THIS);
    add("aud that begins alike", issuer.rs256(good.replace("orders", "orders2")), NOT_FOR_THIS);
    add("aud of others", issuer.rs256(good.replace("\"orders\"", "[\"a\",\"b\"]")), NOT_FOR_THIS);
    add("aud a number", issuer.rs256(good.replace("\"orders\"", "7")), MALFORMED);
    add("sub missing", issuer.rs256(good.replace("\"sub\"", "\"s\"")), MALFORMED);
    add("sub empty", issuer.rs256(good.replace("alice", "")), MALFORMED);
    add("sub a number", issuer.rs256(good.replace("\"alice\"", "7")), MALFORMED);
    add("sub with a line end", issuer.rs256(good.replace("alice", "a\\nb")), MALFORMED);
    add(
        "sub that turns text around",
        issuer.rs256(good.replace("alice", "\u202Eecila")),
        MALFORMED);
    add("sub too long", issuer.rs256(good.replace("alice", "a".repeat(600))), MALFORMED);
    add(
        "aud twice",
        issuer.rs256(good.replace("{", "{\"aud\":\"bank\",").replace("bank", "orders")),
        MALFORMED);
    add("sub twice", issuer.rs256(good.replace("{", "{\"sub\":\"admin\",")), MALFORMED);
  }

  private void ofTime() {
    Instant now = Instant.now();
    String good = claims();
    String exp = "\"exp\":" + good.replaceAll(".*\"exp\":(\\d+).*", "$1");
    add("exp missing", issuer.rs256(good.replace("\"exp\"", "\"e\"")), MALFORMED);
    add("exp a string", issuer.rs256(good.replace(exp, "\"exp\":\"tomorrow\"")), MALFORMED);
    add("exp null", issuer.rs256(good.replace(exp, "\"exp\":null")), MALFORMED);
    add("expired an hour ago", issuer.rs256(claims(now.minusSeconds(3_600))), EXPIRED);
    add("expired behind the leeway", issuer.rs256(claims(now.minusSeconds(61))), EXPIRED);
    add("exp 0", issuer.rs256(good.replace(exp, "\"exp\":0")), EXPIRED);
    add("exp negative", issuer.rs256(good.replace(exp, "\"exp\":-1")), EXPIRED);
    add(
        "nbf in an hour",
        issuer.rs256(
            good.replace("{", "{\"nbf\":" + now.plusSeconds(3_600).getEpochSecond() + ",")),
        NOT_YET_VALID);
    add(
        "iat in an hour",
        issuer.rs256(
            good.replace("{", "{\"iat\":" + now.plusSeconds(3_600).getEpochSecond() + ",")),
        NOT_YET_VALID);
    add("nbf a string", issuer.rs256(good.replace("{", "{\"nbf\":\"now\",")), MALFORMED);
  }

  private static String with(KeyPair key, String parameter) {
    String header = "{\"alg\":\"RS256\",\"typ\":\"JWT\",\"kid\":\"r\"," + parameter + "}";
    return Issuer.signed(input(header, claims()), "SHA256withRSA", key);
  }

  private static String hs256(String key, byte[] secret) {
    String input = input(header("HS256", key), claims());
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(secret, "HmacSHA256"));
      return input + "." + encoded(mac.doFinal(input.getBytes(StandardCharsets.US_ASCII)));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static byte[] pem(KeyPair key) {
    String body =
        Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(key.getPublic().getEncoded());
    return ("-----BEGIN PUBLIC KEY-----\n" + body + "\n-----END PUBLIC KEY-----\n")
        .getBytes(StandardCharsets.US_ASCII);
  }
}
