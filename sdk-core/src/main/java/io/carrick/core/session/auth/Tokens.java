package io.carrick.core.session.auth;

import io.carrick.CallException;
import io.carrick.Delivered;
import io.carrick.Principal;
import io.carrick.StatusCode;
import io.carrick.TokenException;
import io.carrick.TokenVerifier;
import io.carrick.VerifiedToken;
import io.carrick.core.run.BatchingExecutor;
import io.carrick.core.run.Contained;
import io.carrick.spi.Caller;
import io.carrick.spi.PeerInfo;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What this node does with bearer tokens. They are never logged.
 *
 * @param own what it shows to those it dials; null for nothing
 * @param verifier checks what others show; null to ignore it
 * @param required whether others must show one
 * @param inClear whether tokens may pass where others can read them
 */
public record Tokens(
    @Nullable Supplier<String> own,
    @Nullable TokenVerifier verifier,
    boolean required,
    boolean inClear) {

  /** Shows none, and ignores those of others. */
  public static final Tokens NONE = new Tokens(null, null, false, false);

  private static final System.Logger LOG = System.getLogger("io.carrick.session");

  /**
   * Who comes over a path with this token: known at once, unless the verifier may block. Then it is
   * asked on a thread for that, which completes the result. Throws nothing.
   *
   * @param service this node's name, for the message
   * @param token what the peer shows; empty for nothing
   * @return fails with {@link CallException} if it is refused
   */
  public CompletableFuture<Caller> ask(
      BatchingExecutor threads, String service, PeerInfo path, String token) {
    CompletableFuture<Caller> result = new CompletableFuture<>();
    Runnable question =
        () -> {
          try {
            result.complete(caller(service, path, token));
          } catch (Throwable e) {
            result.completeExceptionally(e);
          }
        };
    TokenVerifier check = verifier;
    if (check == null || check.isNonBlocking() || token.isEmpty()) {
      question.run();
    } else {
      threads.check(question, () -> result.completeExceptionally(tooMany(service, path)));
    }
    return result;
  }

  private static CallException tooMany(String service, PeerInfo path) {
    return refused(
        path,
        StatusCode.RESOURCE_EXHAUSTED,
        service + " verifies many tokens, and no more may wait for that: try again later",
        "so many tokens are verified and wait that no more may");
  }

  /**
   * The same, at once.
   *
   * @param service this node's name, for the message
   * @param token what the peer shows; empty for nothing
   * @throws CallException if it is refused; its message is for the peer, the audit log has the rest
   */
  Caller caller(String service, PeerInfo path, String token) {
    TokenVerifier check = verifier;
    if (check == null || (token.isEmpty() && !required)) {
      return new Caller(path.principal(), null);
    }
    if (token.isEmpty()) {
      throw refused(
          path,
          StatusCode.UNAUTHENTICATED,
          service + " demands a token: set Messenger.Builder.token(...), or send authorization",
          "no token");
    }
    if (!mayPass(path)) {
      throw refused(
          path,
          StatusCode.FAILED_PRECONDITION,
          "a token was sent where others can read it: withdraw it, and " + REMEDY,
          "a token in clear");
    }
    VerifiedToken verified = verify(check, path, token);
    if (!verified.expires().isAfter(Instant.now())) {
      throw expired(path, "it expired at " + verified.expires());
    }
    return new Caller(new Principal(Principal.TOKEN, verified.name()), verified.expires());
  }

  private static final String REMEDY =
      "use grpcs:// or a socket of this host (tokensInClear() allows it in tests)";

  private static VerifiedToken verify(TokenVerifier check, PeerInfo path, String token) {
    try {
      if (token.getBytes(StandardCharsets.UTF_8).length > TokenVerifier.MAX_TOKEN_BYTES) {
        throw new TokenException(
            TokenException.Reason.MALFORMED,
            "longer than the " + TokenVerifier.MAX_TOKEN_BYTES + " bytes allowed");
      }
      return Objects.requireNonNull(check.verify(token), "its result");
    } catch (TokenException e) {
      String why = e.reason() + ", " + e.getMessage();
      throw e.reason() == TokenException.Reason.EXPIRED
          ? expired(path, why)
          : refused(path, StatusCode.UNAUTHENTICATED, "the token was refused: get another", why);
    } catch (Throwable e) {
      String what = "a token verifier failed: " + e.getClass().getName();
      Contained.say(LOG, System.Logger.Level.ERROR, what, null);
      throw refused(
          path,
          StatusCode.UNAUTHENTICATED,
          "the token was refused: get another",
          "its verifier failed: " + e.getClass().getName());
    }
  }

  private static CallException expired(PeerInfo path, String why) {
    return refused(path, StatusCode.UNAUTHENTICATED, "the token has expired: get a new one", why);
  }

  private static CallException refused(PeerInfo path, StatusCode code, String told, String why) {
    Audit.of(Audit.Event.TOKEN_REFUSED).with("address", path.address()).with("reason", why).log();
    return new CallException(code, Delivered.NO, told, Map.of(), null);
  }

  /** Whether a token may pass on this path. */
  public boolean mayPass(PeerInfo path) {
    return inClear || PathRules.confidential(path);
  }

  /** Why no token is sent over this path. */
  public static String inClear(PeerInfo path) {
    return "others can read what passes on " + path.address() + ", so no token is sent: " + REMEDY;
  }

  /**
   * The token of this node, which may take its time.
   *
   * @throws IllegalStateException if there is none that can be sent
   */
  public static String ask(Supplier<String> source) {
    String token;
    try {
      token = source.get();
    } catch (Throwable e) {
      // Its message may hold what it should not.
      throw new IllegalStateException(
          "the source of tokens failed (" + e.getClass().getName() + ")", e);
    }
    if (token == null || token.isEmpty() || token.length() > TokenVerifier.MAX_TOKEN_BYTES) {
      throw new IllegalStateException(
          "the source of tokens gave "
              + (token == null ? "null" : token.length() + " characters")
              + ", and a token has 1 to "
              + TokenVerifier.MAX_TOKEN_BYTES);
    }
    if (!token.chars().allMatch(c -> c > 0x20 && c < 0x7f)) {
      throw new IllegalStateException(
          "the source of tokens gave what is not printable ASCII: remove blanks and line ends");
    }
    return token;
  }

  /** Says what it does, and nothing that is secret. */
  @Override
  public String toString() {
    return "Tokens[shows="
        + (own != null)
        + ", checks="
        + (verifier != null)
        + ", required="
        + required
        + ", inClear="
        + inClear
        + "]";
  }
}
