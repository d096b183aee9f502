package io.carrick.cli;

import io.carrick.Messenger;
import io.carrick.jwt.JwtVerifier;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Option;

/** The options of a service that demands JSON web tokens. */
final class JwtOptions {

  @Option(
      names = "--jwks",
      paramLabel = "FILE",
      description =
          "Demand a JSON web token of everybody, signed by one of the public keys in this JSON Web"
              + " Key Set; read again when it changes. Needs --issuer and --audience.")
  Optional<Path> keys = Optional.empty();

  @Option(names = "--issuer", paramLabel = "ISSUER", description = "Who must have made a token.")
  Optional<String> issuer = Optional.empty();

  @Option(
      names = "--audience",
      paramLabel = "AUDIENCE",
      description = "For whom a token must be: the name of this service at its issuer.")
  Optional<String> audience = Optional.empty();

  void applyTo(Messenger.Builder builder) {
    boolean all = keys.isPresent() && issuer.isPresent() && audience.isPresent();
    boolean none = keys.isEmpty() && issuer.isEmpty() && audience.isEmpty();
    if (!all && !none) {
      throw new IllegalArgumentException(
          "tokens need --jwks, --issuer and --audience: give all three");
    }
    if (all) {
      builder.tokens(
          JwtVerifier.builder()
              .issuer(issuer.orElseThrow())
              .audience(audience.orElseThrow())
              .keys(keys.orElseThrow())
              .build());
    }
  }
}
