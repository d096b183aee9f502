package io.carrick.spi;

import io.carrick.Authorizer;
import io.carrick.CallException;
import io.carrick.Handler;
import io.carrick.HandlerOptions;
import io.carrick.Message;
import io.carrick.Principal;
import io.carrick.Registration;
import io.carrick.StatusCode;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;

/**
 * What a native edge of a transport calls for peers without the SDK: the same router, authorizer
 * and limits as sessions. The topic stands in the message. Stages fail with {@link
 * io.carrick.MessagingException}; cancelling a stage's future cancels the call. Never blocks.
 */
public interface Calls {

  /**
   * The same calls with a deadline, which handlers see. A request, a send or a publish that lasts
   * longer is cancelled and fails with {@link io.carrick.DeadlineExceededException}; streams,
   * channels and subscriptions are ended by the edge, which cancels their flow.
   *
   * @param deadline the time left, positive
   */
  default Calls within(Duration deadline) {
    return this;
  }

  /**
   * The same calls of a peer that takes replies of some content types only. A handler whose values
   * go as none of them fails the call; without it, replies are as requests are where that can be.
   *
   * @param contentTypes media types in lower case without parameters, best first; empty for any
   */
  default Calls accepting(List<String> contentTypes) {
    return this;
  }

  /**
   * The same calls for one peer of the edge: what it sends and publishes keeps its order, and does
   * not wait for what other peers sent. Without it, all peers of an edge are as one.
   */
  default Calls ofPeer() {
    return this;
  }

  /**
   * Who makes calls on a connection: the edge asks once for each call, passes the principal with
   * it, and ends it as UNAUTHENTICATED when the caller expires.
   *
   * @param token the bearer token that came with the call, empty for none; must not be logged
   * @return complete already, unless the verifier of tokens may block. Fails with {@link
   *     CallException}: UNAUTHENTICATED if this node demands a token and this is not one that it
   *     trusts, FAILED_PRECONDITION if the token came where others can read it, PERMISSION_DENIED
   *     if the connection gives less security than the floor of this node, RESOURCE_EXHAUSTED if
   *     too many tokens wait to be verified
   */
  default CompletionStage<Caller> caller(PeerInfo connection, String token) {
    return CompletableFuture.completedFuture(new Caller(connection.principal(), null));
  }

  /** Makes a request. */
  CompletionStage<Message> request(Principal principal, Message message);

  /** Sends one way. */
  CompletionStage<Void> send(Principal principal, Message message);

  /** Opens a stream for each subscriber. */
  Flow.Publisher<Message> stream(Principal principal, Message message);

  /** Opens a channel for each subscriber; topic and headers stand in {@code opening}. */
  Flow.Publisher<Message> channel(
      Principal principal, Message opening, Flow.Publisher<Message> values);

  /** Publishes to this node. */
  CompletionStage<Void> publish(Principal principal, Message message);

  /**
   * Subscribes to what is published at this node. The topic of {@code opening} is the filter; its
   * headers reach interceptors.
   *
   * @return what has the messages, once the principal may have them. Each subscriber has a
   *     subscription of its own, which is there when {@code subscribe} has returned
   */
  CompletionStage<Flow.Publisher<Message>> subscribe(Principal principal, Message opening);

  /**
   * Lets a peer of the edge answer the requests on a topic, until the registration is closed. The
   * handler must not block; it runs as a handler, and a call that is cancelled tells by {@link
   * io.carrick.Call#onCancel}. A failure that says {@link io.carrick.Delivered#NO} reaches the
   * caller as a refusal.
   *
   * @return the registration, once the principal may serve the topic; calls may come before it.
   *     Fails with {@link CallException}: PERMISSION_DENIED if the authorizer refuses SERVE,
   *     ALREADY_EXISTS if the topic has a handler, INVALID_ARGUMENT if it is no topic,
   *     UNIMPLEMENTED if this node lets nobody serve
   */
  default CompletionStage<Registration> serveRequests(
      Principal principal,
      String topic,
      HandlerOptions options,
      Handler<Message, ? extends CompletionStage<Message>> handler) {
    return nobodyServes(topic);
  }

  /**
   * The same for one-way messages. A sender is answered when its message has its place, before the
   * handler runs; the place is free when the stage completes. No more than the concurrency are with
   * the handler at a time; it runs on the thread that reads, or on the one that completed a stage,
   * for those of one session in order.
   */
  default CompletionStage<Registration> serveSends(
      Principal principal,
      String topic,
      HandlerOptions options,
      Handler<Message, ? extends CompletionStage<?>> handler) {
    return nobodyServes(topic);
  }

  /** The same for streams; the handler bounds how many are open. */
  default CompletionStage<Registration> serveStreams(
      Principal principal,
      String topic,
      HandlerOptions options,
      Handler<Message, ? extends Flow.Publisher<Message>> handler) {
    return nobodyServes(topic);
  }

  /** A handler of this node: its pattern, and its topic; for SUBSCRIBE its filter. */
  record Handled(Authorizer.Action action, String topic) {}

  /** What this node handles now, for an edge whose protocol has to ask for it. */
  default Set<Handled> handled() {
    return Set.of();
  }

  /**
   * Tells when what this node handles has changed, on the thread that changed it, where nobody may
   * wait.
   */
  default Registration onHandledChange(Runnable changed) {
    return () -> {};
  }

  private static CompletionStage<Registration> nobodyServes(String topic) {
    return CompletableFuture.failedFuture(
        new CallException(
            StatusCode.UNIMPLEMENTED,
            "this node lets no peer of an edge serve "
                + topic
                + ": register the handler in its own process"));
  }
}
