package io.carrick.core.serve;

import io.carrick.Authorizer;
import io.carrick.Call;
import io.carrick.Delivered;
import io.carrick.Headers;
import io.carrick.Message;
import io.carrick.Principal;
import io.carrick.Priority;
import io.carrick.Remote;
import io.carrick.SessionLostException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** What this node publishes itself, as its subscriptions see it. */
public record OwnPublish(String node, Message message, Map<String, Object> attributes)
    implements Call {

  public OwnPublish(String node, Message message) {
    this(node, message, new ConcurrentHashMap<>());
  }

  @Override
  public Authorizer.Action action() {
    return Authorizer.Action.PUBLISH;
  }

  @Override
  public String topic() {
    return message.topic();
  }

  @Override
  public boolean serving() {
    return true;
  }

  @Override
  public Principal principal() {
    return Principal.NONE;
  }

  @Override
  public Optional<String> service() {
    return Optional.empty();
  }

  @Override
  public Optional<String> instance() {
    return Optional.empty();
  }

  @Override
  public Headers headers() {
    return message.headers();
  }

  @Override
  public Priority priority() {
    return Priority.NORMAL;
  }

  @Override
  public int attempt() {
    return 1;
  }

  @Override
  public boolean idempotent() {
    return false;
  }

  @Override
  public Remote peer() {
    throw new SessionLostException(
        Delivered.NO, node + " published to " + topic() + " itself: call no peer", null);
  }

  @Override
  public Optional<Duration> remaining() {
    return Optional.empty();
  }

  @Override
  public boolean isCancelled() {
    return false;
  }

  @Override
  public void onCancel(Runnable action) {}

  @Override
  public void replyHeader(String name, String value) {
    throw ServedCall.noReply(action(), topic());
  }
}
