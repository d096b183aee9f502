package io.carrick.core.serve;

import io.carrick.Authorizer;
import io.carrick.Call;
import io.carrick.Message;
import io.carrick.Topic;
import io.carrick.core.message.Failure;
import io.carrick.core.run.ApplicationExecutor;
import io.carrick.spi.Calls;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * All subscriptions at this node, and what is published to them: once each, to all or, where one
 * has no room and may not drop, to none. Safe for use by any thread.
 */
public final class Subscriptions {

  private final Map<String, CopyOnWriteArrayList<Subscription>> exact = new ConcurrentHashMap<>();
  private final CopyOnWriteArrayList<Subscription> wildcards = new CopyOnWriteArrayList<>();

  void add(Subscription subscription) {
    if (Topic.hasWildcard(subscription.filter())) {
      wildcards.add(subscription);
    } else {
      exact.compute(
          subscription.filter(),
          (filter, list) -> {
            CopyOnWriteArrayList<Subscription> targets =
                list == null ? new CopyOnWriteArrayList<>() : list;
            targets.add(subscription);
            return targets;
          });
    }
  }

  void remove(Subscription subscription) {
    if (Topic.hasWildcard(subscription.filter())) {
      wildcards.remove(subscription);
    } else {
      exact.computeIfPresent(
          subscription.filter(),
          (filter, list) -> {
            list.remove(subscription);
            return list.isEmpty() ? null : list;
          });
    }
  }

  /**
   * Publishes a message.
   *
   * @param call what it came by
   * @param done runs when all queues have taken it; not called if it was refused
   * @return why it was refused and nobody got it; null if all get it
   */
  public @Nullable Failure publish(Message message, Call call, Origin origin, Runnable done) {
    List<Subscription> targets = select(message.topic());
    for (int i = 0; i < targets.size(); i++) {
      Failure refused = targets.get(i).reserve(origin);
      if (refused != null) {
        targets.subList(0, i).forEach(Subscription::unreserve);
        return refused;
      }
    }
    PublishCompletion completion = new PublishCompletion(done);
    if (!targets.isEmpty()) {
      Subscription.Publication publication =
          new Subscription.Publication(message, message.sharedBytes(), origin, completion);
      targets.forEach(subscription -> deliver(subscription, publication, call));
    }
    completion.release();
    return null;
  }

  /** The node goes away: peers get what they were given, and then the end. */
  public void finish() {
    all().forEach(Subscription::finish);
  }

  /** Whether every message that was taken has been handled here, or given to its peer. */
  boolean isIdle() {
    return all().stream().allMatch(Subscription::isIdle);
  }

  /** The filters of this node itself. */
  Set<Calls.Handled> ofThisNode() {
    return all().stream()
        .filter(LocalSubscription.class::isInstance)
        .map(each -> new Calls.Handled(Authorizer.Action.SUBSCRIBE, each.filter()))
        .collect(Collectors.toCollection(HashSet::new));
  }

  private List<Subscription> all() {
    List<Subscription> all = new ArrayList<>(wildcards);
    exact.values().forEach(all::addAll);
    return all;
  }

  /** Whatever one throws, the others get it. */
  private static void deliver(
      Subscription subscription, Subscription.Publication publication, Call call) {
    try {
      subscription.deliver(publication, call);
    } catch (Throwable e) {
      ApplicationExecutor.failed(e);
    }
  }

  private List<Subscription> select(String topic) {
    List<Subscription> same = exact.get(topic);
    List<Subscription> targets = same == null ? new ArrayList<>() : new ArrayList<>(same);
    for (Subscription subscription : wildcards) {
      if (Topic.matches(subscription.filter(), topic)) {
        targets.add(subscription);
      }
    }
    return targets;
  }
}
