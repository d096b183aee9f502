package io.carrick.core.serve;

import io.carrick.Call;
import io.carrick.Delivered;
import io.carrick.Message;
import io.carrick.Principal;
import io.carrick.Remote;
import io.carrick.SessionLostException;
import java.time.Duration;
import java.util.Optional;

/** What this node publishes itself, as its subscriptions see it. */
public record OwnPublish(String service, Message message) implements Call {

  @Override
  public Principal principal() {
    return Principal.NONE;
  }

  @Override
  public Remote peer() {
    throw new SessionLostException(
        Delivered.NO, service + " published to " + message.topic() + " itself: call no peer", null);
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
}
