package io.carrick.jwt;

import static io.carrick.jwt.Issuer.AUDIENCE;
import static io.carrick.jwt.Issuer.ISSUER;
import static io.carrick.jwt.Issuer.claims;
import static io.carrick.jwt.Issuer.header;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.OctetSequenceKey;
import com.nimbusds.jose.jwk.RSAKey;
import io.carrick.TokenException;
import io.carrick.VerifiedToken;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.KeyPair;
import java.security.interfaces.RSAPublicKey;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class JwtVerifierTest {

  private static final Issuer ISSUED = new Issuer();
  private static final List<Forgeries.Forgery> FORGERIES = Forgeries.of(ISSUED);
  private static final JwtVerifier VERIFIER = builder().keys(ISSUED.keys()).build();

  static JwtVerifier.Builder builder() {
    return JwtVerifier.builder().issuer(ISSUER).audience(AUDIENCE);
  }

  static List<Forgeries.Forgery> forgeries() {
    return FORGERIES;
  }

  private static TokenException refused(JwtVerifier verifier, String token) {
    return catchThrowableOfType(TokenException.class, () -> verifier.verify(token));
  }

  @ParameterizedTest
  @MethodSource("forgeries")
  void t14_forgedTokenIsRefused(Forgeries.Forgery forgery) {
    TokenException refusal = refused(VERIFIER, forgery.token());

    assertThat(refusal).as(forgery.name()).isNotNull();
    assertThat(refusal.reason()).as(refusal.getMessage()).isEqualTo(forgery.reason());
    if (forgery.token().length() > 20) {
      assertThat(refusal.getMessage()).doesNotContain(forgery.token().substring(0, 20));
    }
    assertThat(refusal.getCause()).isNull();
  }

  @Test
  void t14_thereAreMoreThanFortyForgeries() {
    assertThat(FORGERIES).hasSizeGreaterThan(80);
    assertThat(FORGERIES).extracting(Forgeries.Forgery::name).doesNotHaveDuplicates();
  }

  @Test
  void eachTypeOfKeySigns() throws Exception {
    List<String> tokens =
        List.of(
            ISSUED.rs256(claims()),
            ISSUED.es256(header("ES256", "e"), claims()),
            ISSUED.eddsa(header("EdDSA", "d"), claims()));

    for (String token : tokens) {
      assertThat(VERIFIER.verify(token).name()).isEqualTo("alice");
    }
  }

  @Test
  void audienceMayBeOneOfSeveralAndTheTypeAnAccessToken() throws Exception {
    String token =
        ISSUED.rs256(
            "{\"alg\":\"RS256\",\"typ\":\"at+jwt\",\"kid\":\"r\"}",
            claims().replace("\"orders\"", "[\"bank\",\"orders\"]"));

    assertThat(VERIFIER.verify(token).name()).isEqualTo("alice");
  }

  @Test
  void theEndIsThatOfTheTokenAndTheLeeway() throws Exception {
    Instant end = Instant.parse("2030-01-01T00:00:00Z");
    JwtVerifier.Builder settings = builder().keys(ISSUED.keys()).leeway(Duration.ofSeconds(20));
    String token = ISSUED.rs256(claims(end));

    settings.clock = Clock.fixed(end.plusSeconds(19), ZoneOffset.UTC);
    VerifiedToken verified = settings.build().verify(token);
    settings.clock = Clock.fixed(end.plusSeconds(20), ZoneOffset.UTC);
    TokenException late = refused(settings.build(), token);

    assertThat(verified.expires()).isEqualTo(end.plusSeconds(20));
    assertThat(late.reason()).isEqualTo(TokenException.Reason.EXPIRED);
  }

  @Test
  void t14_noTokenWithOneOtherCharacterIsTrusted() {
    Random random = new Random(14);
    String alphabet = "ABCXYZabcxyz0189-_.=+/ {\"\u0000\u00e9";
    List<String> good =
        List.of(
            ISSUED.rs256(claims()),
            ISSUED.es256(header("ES256", "e"), claims()),
            ISSUED.eddsa(header("EdDSA", "d"), claims()));
    for (int i = 0; i < 3_000; i++) {
      String token = good.get(i % 3);
      // The last character of a part has bits that mean nothing.
      int at = random.nextInt(token.length() - 1);
      char other = alphabet.charAt(random.nextInt(alphabet.length()));
      if (token.charAt(at) != other && token.charAt(at + 1) != '.') {
        String changed = token.substring(0, at) + other + token.substring(at + 1);

        assertThat(refused(VERIFIER, changed)).as(changed).isNotNull();
      }
    }
  }

  @Test
  void t14_anAlgorithmThatIsNotPinnedIsRefused() throws Exception {
    JwtVerifier pinned = builder().keys(ISSUED.keys()).algorithms("ES256").build();

    assertThat(pinned.verify(ISSUED.es256(header("ES256", "e"), claims())).name())
        .isEqualTo("alice");
    assertThat(refused(pinned, ISSUED.rs256(claims())).reason())
        .isEqualTo(TokenException.Reason.UNTRUSTED);
    assertThatThrownBy(() -> builder().algorithms("HS256"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("HS256 is not one of");
    assertThatThrownBy(() -> builder().algorithms("none")).hasMessageContaining("none is not");
    assertThatThrownBy(() -> builder().algorithms()).hasMessageContaining("no algorithm");
  }

  @Test
  void t14_aKeyServesTheAlgorithmThatItNamesAndNoOther() throws Exception {
    RSAKey only =
        new RSAKey.Builder((RSAPublicKey) ISSUED.rsa.getPublic())
            .keyID("r")
            .algorithm(JWSAlgorithm.PS256)
            .build();
    JwtVerifier verifier = builder().keys(Issuer.set(only)).build();

    assertThat(refused(verifier, ISSUED.rs256(claims())).reason())
        .isEqualTo(TokenException.Reason.UNTRUSTED);
  }

  @Test
  void theOnlyKeyNeedsNoId() throws Exception {
    JwtVerifier verifier = builder().keys(Issuer.set(ISSUED.rsaKey(null))).build();

    assertThat(
            verifier.verify(ISSUED.rs256("{\"alg\":\"RS256\",\"typ\":\"JWT\"}", claims())).name())
        .isEqualTo("alice");
    assertThat(refused(verifier, ISSUED.rs256(claims()))).hasMessageContaining("key r is not");
  }

  @Test
  void t14_keySetsThatAreNotSafeAreNotTaken() {
    KeyPair weak = Issuer.generate("RSA", 1_024);
    String shared = new JWKSet(new OctetSequenceKey.Builder(new byte[32]).build()).toString(false);
    String secret =
        new JWKSet(
                new RSAKey.Builder((RSAPublicKey) ISSUED.rsa.getPublic())
                    .privateKey(ISSUED.rsa.getPrivate())
                    .build())
            .toString(false);
    RSAKey few = new RSAKey.Builder((RSAPublicKey) weak.getPublic()).keyID("w").build();

    assertUnusable(shared, "is private");
    assertUnusable(secret, "is private");
    assertUnusable(Issuer.set(few), "1024 bits");
    assertUnusable(Issuer.set(ISSUED.rsaKey("a"), ISSUED.ellipticKey("a")), "two keys");
    assertUnusable("{\"keys\":[]}", "0 keys");
    assertUnusable("{}", "no JSON Web Key Set");
    assertUnusable("", "no JSON Web Key Set");
  }

  private static void assertUnusable(String keys, String why) {
    assertThatThrownBy(() -> builder().keys(keys).build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(why);
  }

  @Test
  void whatIsMissingIsNamed() {
    assertThatThrownBy(() -> JwtVerifier.builder().build()).hasMessageContaining("issuer");
    assertThatThrownBy(() -> JwtVerifier.builder().issuer("i").build())
        .hasMessageContaining("audience");
    assertThatThrownBy(() -> builder().build()).hasMessageContaining("keys");
    assertThatThrownBy(() -> builder().leeway(Duration.ofSeconds(61))).hasMessageContaining("PT1M");
    assertThatThrownBy(() -> builder().keys(Path.of("/nowhere/jwks.json")).build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("/nowhere/jwks.json");
  }

  @Test
  void t14_keysAreRotatedWhileItRuns(@TempDir Path directory) throws Exception {
    Issuer next = new Issuer();
    AtomicLong nanos = new AtomicLong();
    Path file = directory.resolve("jwks.json");
    write(file, Issuer.set(ISSUED.rsaKey("old")));
    JwtVerifier.Builder settings = builder().keys(file);
    settings.nanoTime = nanos::get;
    JwtVerifier verifier = settings.build();
    String old = ISSUED.rs256(header("RS256", "old"), claims());
    String fresh = next.rs256(header("RS256", "new"), claims());
    assertThat(verifier.verify(old).name()).isEqualTo("alice");

    write(file, Issuer.set(ISSUED.rsaKey("old"), next.rsaKey("new")));
    assertThat(refused(verifier, fresh)).as("within a second").hasMessageContaining("[old]");
    nanos.addAndGet(1_000_000_001L);
    assertThat(verifier.verify(fresh).name()).isEqualTo("alice");
    assertThat(verifier.verify(old).name()).isEqualTo("alice");

    write(file, Issuer.set(next.rsaKey("new")));
    nanos.addAndGet(10_000_000_001L);
    assertThat(verifier.verify(fresh).name()).isEqualTo("alice");
    assertThat(refused(verifier, old).reason()).isEqualTo(TokenException.Reason.UNTRUSTED);

    write(file, "{\"keys\":");
    nanos.addAndGet(10_000_000_001L);
    assertThat(verifier.verify(fresh).name()).as("the file is broken").isEqualTo("alice");
  }

  private static void write(Path file, String keys) throws Exception {
    Path beside = file.resolveSibling("jwks.new");
    Files.writeString(beside, keys);
    Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE);
  }

  @Test
  void textsShowNoSecret() {
    assertThat(VERIFIER.toString()).contains(ISSUER, AUDIENCE).doesNotContain("kty");
  }
}
