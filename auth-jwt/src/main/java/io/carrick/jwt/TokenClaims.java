package io.carrick.jwt;

import com.nimbusds.jose.Payload;
import com.nimbusds.jwt.JWTClaimsSet;
import io.carrick.TokenException;
import io.carrick.VerifiedToken;
import java.text.ParseException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a token whose signature is good must say. */
final class TokenClaims {

  private final String issuer;
  private final String audience;
  private final String nameClaim;
  private final Duration leeway;
  private final Clock clock;

  TokenClaims(String issuer, String audience, String nameClaim, Duration leeway, Clock clock) {
    this.issuer = issuer;
    this.audience = audience;
    this.nameClaim = nameClaim;
    this.leeway = leeway;
    this.clock = clock;
  }

  /** Whom it names and when it ends. */
  VerifiedToken check(Payload payload) throws TokenException {
    Map<String, Object> json = payload.toJSONObject();
    JWTClaimsSet claims = parse(json);
    if (!issuer.equals(claims.getIssuer())) {
      throw notForThis("issuer " + claims.getIssuer() + " is not " + issuer);
    }
    if (!claims.getAudience().contains(audience)) {
      throw notForThis("audience " + claims.getAudience() + " is without " + audience);
    }
    Instant end = end(claims);
    String name = name(json);
    Instant now = clock.instant();
    if (!end.isAfter(now)) {
      throw new TokenException(TokenException.Reason.EXPIRED, "it ended with leeway at " + end);
    }
    notAfter(claims.getNotBeforeTime(), now, "nbf");
    notAfter(claims.getIssueTime(), now, "iat");
    try {
      return new VerifiedToken(name, end);
    } catch (IllegalArgumentException e) {
      throw new TokenException(
          TokenException.Reason.MALFORMED, "claim " + nameClaim + " is " + e.getMessage());
    }
  }

  private static JWTClaimsSet parse(@Nullable Map<String, Object> json) throws TokenException {
    try {
      if (json != null) {
        return JWTClaimsSet.parse(json);
      }
    } catch (ParseException | IllegalArgumentException e) {
      // Its message may hold parts of the token.
    }
    throw new TokenException(TokenException.Reason.MALFORMED, "the claims are no JSON of claims");
  }

  private Instant end(JWTClaimsSet claims) throws TokenException {
    Date end = claims.getExpirationTime();
    if (end == null) {
      throw new TokenException(TokenException.Reason.MALFORMED, "no end: exp is missing");
    }
    return end.toInstant().plus(leeway);
  }

  // As it stands there: the library makes text of a number.
  private String name(Map<String, Object> json) throws TokenException {
    Object name = json.get(nameClaim);
    if (!(name instanceof String text)) {
      throw new TokenException(
          TokenException.Reason.MALFORMED, "claim " + nameClaim + " is no text");
    }
    return text;
  }

  private void notAfter(@Nullable Date begin, Instant now, String claim) throws TokenException {
    if (begin != null && begin.toInstant().isAfter(now.plus(leeway))) {
      throw new TokenException(
          TokenException.Reason.NOT_YET_VALID, claim + " is " + begin.toInstant());
    }
  }

  private static TokenException notForThis(String message) {
    return new TokenException(TokenException.Reason.NOT_FOR_THIS, message);
  }

  @Override
  public String toString() {
    return "issuer=" + issuer + ", audience=" + audience;
  }
}
