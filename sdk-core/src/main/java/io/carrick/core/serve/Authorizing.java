package io.carrick.core.serve;

import io.carrick.Authorizer;
import io.carrick.Principal;
import io.carrick.StatusCode;
import io.carrick.core.message.Failure;
import io.carrick.core.run.ApplicationExecutor;
import io.carrick.core.run.Bulkhead;
import io.carrick.core.run.Contained;
import io.carrick.core.session.auth.Audit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Asks the authorizer what peers may do: in place where it never waits, else on threads that
 * nothing else needs. So many questions of one origin are asked at a time, so many more wait, and
 * further ones are refused. Its sends to one topic are asked about one after another, and so are
 * its publishes; all else at the same time. Safe for use by any thread.
 */
final class Authorizing {

  /** The publishes of an origin, among its topics: no topic is empty. */
  private static final String PUBLISHES = "";

  private final String service;
  private final ApplicationExecutor tasks;
  private final Authorizer authorizer;
  private final boolean inPlace;
  private final AtomicInteger asking = new AtomicInteger();

  /** What a peer wants. Exactly one of these follows a question, unless it is over before. */
  interface Wish {

    /** Whether nobody wants it any more. */
    boolean isOver();

    /** It may be done. */
    void allowed();

    /** It may not be done, or could not be asked about. */
    void refused(Failure why);

    /** What was allowed failed with this. */
    void lost(Throwable thrown);
  }

  Authorizing(String service, ApplicationExecutor tasks, Authorizer authorizer) {
    this.service = service;
    this.tasks = tasks;
    this.authorizer = authorizer;
    this.inPlace = authorizer.isNonBlocking();
  }

  /** Whether nothing is being asked about, nor waits for that. */
  boolean isIdle() {
    return asking.get() == 0;
  }

  /**
   * Asks whether a principal may do this. What the wish throws is thrown where it runs in place.
   */
  void ask(Origin origin, Principal principal, Authorizer.Action action, String topic, Wish wish) {
    if (inPlace) {
      Failure denied = refusal(principal, action, topic);
      if (denied == null) {
        wish.allowed();
      } else {
        wish.refused(denied);
      }
      return;
    }
    Bulkhead bulkhead = origin.asking(tasks);
    Question question = new Question(bulkhead, principal, action, topic, wish);
    if (!bulkhead.tryAdmit()) {
      wish.refused(overloaded(action, topic));
      return;
    }
    asking.incrementAndGet();
    if (action == Authorizer.Action.SEND) {
      OrderedQueue.add(origin.asked, topic, bulkhead, tasks, question);
    } else if (action == Authorizer.Action.PUBLISH) {
      OrderedQueue.add(origin.asked, PUBLISHES, bulkhead, tasks, question);
    } else {
      bulkhead.schedule(question.alone);
    }
  }

  private Failure overloaded(Authorizer.Action action, String topic) {
    return Failure.refusal(
        StatusCode.RESOURCE_EXHAUSTED,
        "the authorizer of "
            + service
            + " is asked about "
            + Authorizer.MAX_RUNNING
            + " calls of this peer and "
            + Authorizer.MAX_WAITING
            + " more wait, so "
            + action
            + " "
            + topic
            + " is refused: try again later, or make fewer calls at a time");
  }

  /** Whether a subscriber may have a message; the first that it may not is audited. */
  boolean mayReceive(Principal principal, String topic, AtomicBoolean told) {
    return allows(principal, Authorizer.Action.RECEIVE, topic, told);
  }

  private @Nullable Failure refusal(Principal principal, Authorizer.Action action, String topic) {
    return allows(principal, action, topic, null)
        ? null
        : Failure.refusal(
            StatusCode.PERMISSION_DENIED,
            principal + " may not " + action + " " + topic + " at " + service);
  }

  /** An authorizer that throws denies. */
  private boolean allows(
      Principal principal, Authorizer.Action action, String topic, @Nullable AtomicBoolean told) {
    Throwable fault = null;
    try {
      if (authorizer.allows(principal, action, topic)) {
        return true;
      }
    } catch (Throwable e) {
      fault = e;
    }
    if (told == null || told.compareAndSet(false, true)) {
      if (fault != null) {
        String what = "the authorizer failed, so it denies";
        Contained.say(Failure.HANDLERS, System.Logger.Level.ERROR, what, fault);
      }
      Audit.of(Audit.Event.DENIED)
          .with("principal", principal)
          .with("action", action)
          .with("topic", topic)
          .log();
    }
    return false;
  }

  /** One that waits for its turn, or is being asked. */
  private final class Question implements OrderedQueue.Entry {

    private final Principal principal;
    private final Authorizer.Action action;
    private final String topic;
    private final Wish wish;
    private final Bulkhead.Task alone;

    Question(
        Bulkhead gate, Principal principal, Authorizer.Action action, String topic, Wish wish) {
      this.alone = new Alone(gate, this);
      this.principal = principal;
      this.action = action;
      this.topic = topic;
      this.wish = wish;
    }

    @Override
    public void prepare(Runnable whenReady) {}

    @Override
    public boolean isReady() {
      return true;
    }

    @Override
    public void handle() {
      try {
        if (wish.isOver()) {
          return;
        }
        Failure refused = refusal(principal, action, topic);
        // It may have answered when nothing was left that could do it.
        if (refused == null && tasks.isClosed()) {
          refused = Failure.refusal(StatusCode.UNAVAILABLE, service + " is closed");
        }
        if (refused == null) {
          wish.allowed();
        } else {
          wish.refused(refused);
        }
      } catch (Throwable e) {
        lost(e);
      } finally {
        asking.decrementAndGet();
      }
    }

    @Override
    public void reject() {
      try {
        wish.refused(
            Failure.refusal(
                StatusCode.RESOURCE_EXHAUSTED,
                "no thread is free to ask whether " + principal + " may " + action + " " + topic));
      } catch (Throwable e) {
        lost(e);
      } finally {
        asking.decrementAndGet();
      }
    }

    private void lost(Throwable e) {
      try {
        ApplicationExecutor.failed(e);
        wish.lost(e);
      } catch (Throwable again) {
        ApplicationExecutor.failed(again);
      }
    }
  }

  /** A question that waits for no other one. */
  private record Alone(Bulkhead gate, Question question) implements Bulkhead.Task {

    @Override
    public boolean run() {
      try {
        question.handle();
      } finally {
        gate.release();
      }
      return true;
    }

    @Override
    public void reject() {
      try {
        question.reject();
      } finally {
        gate.release();
      }
    }
  }
}
