package io.carrick.cli;

import io.carrick.CallOptions;
import io.carrick.ConnectException;
import io.carrick.DeadlineExceededException;
import io.carrick.Delivered;
import io.carrick.Messenger;
import io.carrick.Remote;
import io.carrick.Requirements;
import io.carrick.TlsConfig.ClientAuthentication;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A messenger that calls one service, and the service as seen from it. */
final class Caller implements AutoCloseable {

  // Core fails a call at its deadline; this is for what is never to happen.
  private static final Duration GRACE = Duration.ofSeconds(2);
  private static final Duration LONGEST_ATTEMPT = Duration.ofMinutes(5);
  private static final Duration SHORTEST_ATTEMPT = Duration.ofMillis(10);

  private final Messenger messenger;
  private final Remote remote;
  private final Duration timeout;

  private Caller(Messenger messenger, Remote remote, Duration timeout) {
    this.messenger = messenger;
    this.remote = remote;
    this.timeout = timeout;
  }

  /** A caller that has not connected yet. */
  static Caller of(CallingOptions options) {
    List<String> endpoints = options.endpoints();
    Requirements needs = options.requirements();
    CallOptions calls = options.calls();
    Messenger.Builder builder =
        Messenger.builder("carrick-cli")
            .maxMessageBytes(options.messageSize.bytes)
            .connectTimeout(attempt(options.timeout, endpoints.size()))
            .tls(options.tls.config(ClientAuthentication.NONE));
    options.tokens.applyTo(builder);
    Messenger messenger = builder.build();
    try {
      String[] more = endpoints.subList(1, endpoints.size()).toArray(String[]::new);
      Remote remote = messenger.connect(endpoints.get(0), more);
      return new Caller(messenger, remote.with(needs).with(calls), options.timeout);
    } catch (RuntimeException e) {
      messenger.close();
      throw e;
    }
  }

  /** A caller that is connected; fails with {@link ConnectException} where nobody answers. */
  static Caller connected(CallingOptions options) throws Exception {
    Caller caller = of(options);
    try {
      caller.connect();
      return caller;
    } catch (Exception e) {
      caller.close();
      throw e;
    }
  }

  /** Connects; fails with {@link ConnectException} where nobody answers. */
  void connect() throws Exception {
    try {
      await(remote.connect());
    } catch (DeadlineExceededException e) {
      throw new ConnectException(
          "nobody answered at " + remote.endpoints() + " within " + millis() + ": is it up?", e);
    }
  }

  /** The service. */
  Remote remote() {
    return remote;
  }

  /** What a call gives, or its failure. */
  <T> T await(CompletableFuture<T> call) throws Exception {
    try {
      return call.get(timeout.plus(GRACE).toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      call.cancel(true);
      throw new DeadlineExceededException(
          Delivered.MAYBE, "no answer within the time-out of " + millis());
    } catch (ExecutionException e) {
      throw e.getCause() instanceof Exception cause ? cause : e;
    } catch (InterruptedException e) {
      call.cancel(true);
      throw e;
    }
  }

  @Override
  public void close() {
    messenger.close();
  }

  private String millis() {
    return timeout.toMillis() + " ms";
  }

  /** Each of the ways has the same share of the time. */
  private static Duration attempt(Duration timeout, int ways) {
    Duration share = timeout.dividedBy(ways);
    if (share.compareTo(LONGEST_ATTEMPT) > 0) {
      return LONGEST_ATTEMPT;
    }
    return share.compareTo(SHORTEST_ATTEMPT) < 0 ? SHORTEST_ATTEMPT : share;
  }
}
