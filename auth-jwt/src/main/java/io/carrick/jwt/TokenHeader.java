package io.carrick.jwt;

import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSObject;
import io.carrick.TokenException;
import java.text.ParseException;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/** What the header of a token may say. */
final class TokenHeader {

  /**
   * All that is understood; whatever else stands there could mean that it is to be read otherwise.
   */
  private static final Set<String> KNOWN = Set.of("alg", "typ", "kid");

  // The library reads over what is no Base64; then one signature has many forms.
  private static final Pattern COMPACT = Pattern.compile("[\\w-]+\\.[\\w-]+\\.[\\w-]+");

  private static final int MAX_KEY_ID = 256;

  private final Set<JWSAlgorithm> algorithms;
  private final List<JOSEObjectType> types;

  TokenHeader(Set<JWSAlgorithm> algorithms, List<String> types) {
    this.algorithms = algorithms;
    this.types = types.stream().map(JOSEObjectType::new).toList();
  }

  /** The token in its parts, with a header that may be trusted as far as it goes. */
  JWSObject parse(String token) throws TokenException {
    JWSObject signed;
    try {
      if (!COMPACT.matcher(token).matches()) {
        throw new IllegalArgumentException("not compact");
      }
      signed = JWSObject.parse(token);
    } catch (ParseException | IllegalArgumentException e) {
      // Its message may hold parts of the token.
      throw new TokenException(TokenException.Reason.MALFORMED, "no signed token in compact form");
    }
    check(signed.getHeader());
    return signed;
  }

  private void check(JWSHeader header) throws TokenException {
    for (String name : header.toJSONObject().keySet()) {
      if (!KNOWN.contains(name)) {
        throw new TokenException(
            TokenException.Reason.UNTRUSTED, "header parameter " + name + " is not taken");
      }
    }
    if (!algorithms.contains(header.getAlgorithm())) {
      throw new TokenException(
          TokenException.Reason.UNTRUSTED,
          "algorithm " + header.getAlgorithm() + " is not one of " + algorithms);
    }
    if (header.getType() == null || !types.contains(header.getType())) {
      throw new TokenException(
          TokenException.Reason.NOT_FOR_THIS,
          "type " + header.getType() + " is not one of " + types);
    }
    String key = header.getKeyID();
    if (key != null && (key.isEmpty() || key.length() > MAX_KEY_ID)) {
      throw new TokenException(
          TokenException.Reason.MALFORMED, "key id of " + key.length() + " characters");
    }
  }
}
