package io.carrick.jwt;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSObject;
import io.carrick.TokenException;
import io.carrick.TokenVerifier;
import io.carrick.VerifiedToken;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Trusts JSON web tokens that one issuer has signed for one audience (RFC 7519), by the rules of
 * RFC 8725: the algorithms are fixed here and never taken from the token, each key serves those of
 * its own type only, keys come from this configuration only, and issuer, audience, type, subject
 * and end must be there. Safe for use by any thread; a check takes well under a millisecond.
 *
 * <pre>{@code
 * TokenVerifier verifier = JwtVerifier.builder()
 *     .issuer("https://login.example.com").audience("orders")
 *     .keys(Path.of("/etc/orders/jwks.json")).build();
 * Messenger orders = Messenger.builder("orders").tokens(verifier).listen("grpcs://[::]:7443").build();
 * }</pre>
 */
public final class JwtVerifier implements TokenVerifier {

  private final TokenHeader header;
  private final TokenClaims claims;
  private final Keys keys;

  private JwtVerifier(TokenHeader header, TokenClaims claims, Keys keys) {
    this.header = header;
    this.claims = claims;
    this.keys = keys;
  }

  /** A verifier to set up. */
  public static Builder builder() {
    return new Builder();
  }

  @Override
  public VerifiedToken verify(String token) throws TokenException {
    if (token.getBytes(StandardCharsets.UTF_8).length > MAX_TOKEN_BYTES) {
      throw new TokenException(
          TokenException.Reason.MALFORMED, "longer than the " + MAX_TOKEN_BYTES + " bytes allowed");
    }
    JWSObject signed = header.parse(token);
    keys.find(signed.getHeader()).check(signed);
    return claims.check(signed.getPayload());
  }

  /**
   * True: a check takes well under a millisecond. Every 10 s one of them looks at the file of keys,
   * which should lie on a local disk; else wrap this one.
   */
  @Override
  public boolean isNonBlocking() {
    return true;
  }

  /** Says for whom it checks, and nothing that is secret. */
  @Override
  public String toString() {
    return "JwtVerifier[" + claims + ", " + keys + "]";
  }

  /** Sets up a verifier. Not safe for use by several threads. */
  public static final class Builder {

    private static final Duration MOST_LEEWAY = Duration.ofSeconds(60);

    private String issuer = "";
    private String audience = "";
    private @Nullable Path file;
    private @Nullable String given;
    private Duration leeway = Duration.ofSeconds(30);
    private String nameClaim = "sub";
    private Set<JWSAlgorithm> algorithms = Algorithms.ALL;
    private Set<String> types = Set.of("JWT", "at+jwt");

    /** Says what has expired; tests have their own. */
    Clock clock = Clock.systemUTC();

    /** Says when to look at the file again; tests have their own. */
    LongSupplier nanoTime = System::nanoTime;

    private Builder() {}

    /** Who must have made a token: its {@code iss}, to the letter. */
    public Builder issuer(String value) {
      issuer = value;
      return this;
    }

    /** For whom it must be: one of its {@code aud}, to the letter. */
    public Builder audience(String value) {
      audience = value;
      return this;
    }

    /**
     * Public keys from a JSON Web Key Set (RFC 7517) in a file of at most 1 MiB, with 64 keys at
     * most. The file is looked at again after 10 s, and after 1 s for a token whose key is not
     * known; where it has changed it is read. One that cannot be used then leaves the keys as they
     * were, and is logged. Replace it by renaming another one.
     */
    public Builder keys(Path jwks) {
      file = jwks;
      given = null;
      return this;
    }

    /** Public keys from a JSON Web Key Set that does not change. */
    public Builder keys(String jwks) {
      given = jwks;
      file = null;
      return this;
    }

    /**
     * The signatures that are taken: some of RS256, RS384, RS512, PS256, PS384, PS512, ES256,
     * ES384, ES512 and EdDSA (Ed25519); all of them by default. A key with an {@code alg} is used
     * for that one only.
     *
     * @throws IllegalArgumentException for none, and for one that is not of this list
     */
    public Builder algorithms(String... names) {
      Set<JWSAlgorithm> chosen = new LinkedHashSet<>();
      for (String name : names) {
        chosen.add(Algorithms.named(name));
      }
      if (chosen.isEmpty()) {
        throw new IllegalArgumentException("no algorithm: name one of " + Algorithms.ALL);
      }
      algorithms = Set.copyOf(chosen);
      return this;
    }

    /** What the header's {@code typ} may be; {@code JWT} and {@code at+jwt} by default. */
    public Builder types(String... names) {
      types = new LinkedHashSet<>(Arrays.asList(names));
      return this;
    }

    /** The claim that names the principal; {@code sub} by default. */
    public Builder nameClaim(String name) {
      nameClaim = name;
      return this;
    }

    /**
     * How far clocks may differ: 0 to 60 s, 30 s by default. A token counts for so much longer.
     *
     * @throws IllegalArgumentException if it is out of range
     */
    public Builder leeway(Duration value) {
      if (value.isNegative() || value.compareTo(MOST_LEEWAY) > 0) {
        throw new IllegalArgumentException("leeway " + value + " must be 0 to " + MOST_LEEWAY);
      }
      leeway = value;
      return this;
    }

    /**
     * Reads the keys and makes the verifier.
     *
     * @throws IllegalStateException if issuer, audience or keys are missing
     * @throws IllegalArgumentException if the keys cannot be used; the message says why
     */
    public JwtVerifier build() {
      require(!issuer.isEmpty(), "issuer: whose tokens to trust");
      require(!audience.isEmpty(), "audience: as whom the issuer knows this service");
      require(!nameClaim.isEmpty(), "nameClaim: for instance sub");
      require(!types.isEmpty(), "types: for instance at+jwt");
      Keys keys;
      if (file != null) {
        keys = Keys.of(file, nanoTime);
      } else if (given != null) {
        keys = Keys.of(given);
      } else {
        throw new IllegalStateException("a JwtVerifier needs keys: a key set, or its file");
      }
      return new JwtVerifier(
          new TokenHeader(algorithms, List.copyOf(types)),
          new TokenClaims(issuer, audience, nameClaim, leeway, clock),
          keys);
    }

    private static void require(boolean there, String what) {
      if (!there) {
        throw new IllegalStateException("a JwtVerifier needs " + what);
      }
    }
  }
}
