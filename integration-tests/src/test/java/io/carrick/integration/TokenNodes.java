package io.carrick.integration;

import static java.util.concurrent.TimeUnit.SECONDS;

import io.carrick.Authorizer;
import io.carrick.Message;
import io.carrick.Messenger;
import io.carrick.Remote;
import io.carrick.TokenException;
import io.carrick.TokenVerifier;
import io.carrick.VerifiedToken;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.SubmissionPublisher;

/** Services that check tokens, and what they saw. */
final class TokenNodes implements AutoCloseable {

  final List<AutoCloseable> closing = new ArrayList<>();
  final List<String> verified = new CopyOnWriteArrayList<>();
  final Set<String> asked = ConcurrentHashMap.newKeySet();

  /** {@code name~milliseconds}. */
  final TokenVerifier verifier =
      token -> {
        verified.add(token);
        int at = token.indexOf('~');
        if (at < 0) {
          throw new TokenException(TokenException.Reason.UNTRUSTED, "forged");
        }
        return new VerifiedToken(
            token.substring(0, at), Instant.ofEpochMilli(Long.parseLong(token.substring(at + 1))));
      };

  static String token(String name, Duration life) {
    return name + "~" + Instant.now().plus(life).toEpochMilli();
  }

  @Override
  public void close() throws Exception {
    for (int i = closing.size() - 1; i >= 0; i--) {
      closing.get(i).close();
    }
  }

  Messenger serve(Messenger.Builder builder) {
    Authorizer authorizer =
        (principal, action, topic) -> {
          asked.add(principal + " " + action);
          return true;
        };
    Messenger orders = builder.authorizer(authorizer).build();
    closing.add(orders);
    orders.handle(
        "whoami",
        Message.class,
        (message, call) -> Message.ofText(call.principal() + " " + message.headers()));
    orders.handleStream(
        "endless", Message.class, (message, call) -> new SubmissionPublisher<Message>());
    orders.handleChannel(
        "open", Message.class, (values, call) -> new SubmissionPublisher<Message>());
    return orders;
  }

  Messenger inClear() {
    return serve(
        Messenger.builder("orders").tokens(verifier).tokensInClear().listen("grpc://127.0.0.1:0"));
  }

  static String whoAmI(Remote remote) throws Exception {
    return remote.request("whoami", Message.empty(), Message.class).get(10, SECONDS).text();
  }
}
