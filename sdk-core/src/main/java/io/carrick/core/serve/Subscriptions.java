package io.carrick.core.serve;

import io.carrick.core.message.Failure;
import io.carrick.core.run.Tasks;

import io.carrick.Call;
import io.carrick.Message;
import io.carrick.Topic;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/**
 * All subscriptions at this node, and what is published to them: once each, to all or, where one
 * has no room and may not drop, to none. Safe for use by any thread.
 */
public final class Subscriptions {

  private final Map<String, CopyOnWriteArrayList<Target>> exact = new ConcurrentHashMap<>();
  private final CopyOnWriteArrayList<Target> wildcards = new CopyOnWriteArrayList<>();

  void add(Target target) {
    if (Topic.hasWildcard(target.filter())) {
      wildcards.add(target);
    } else {
      exact.compute(
          target.filter(),
          (filter, list) -> {
            CopyOnWriteArrayList<Target> targets =
                list == null ? new CopyOnWriteArrayList<>() : list;
            targets.add(target);
            return targets;
          });
    }
  }

  void remove(Target target) {
    if (Topic.hasWildcard(target.filter())) {
      wildcards.remove(target);
    } else {
      exact.computeIfPresent(
          target.filter(),
          (filter, list) -> {
            list.remove(target);
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
    List<Target> targets = select(message.topic());
    for (int i = 0; i < targets.size(); i++) {
      Failure refused = targets.get(i).reserve(origin);
      if (refused != null) {
        targets.subList(0, i).forEach(Target::unreserve);
        return refused;
      }
    }
    Ticket ticket = new Ticket(done);
    if (!targets.isEmpty()) {
      Target.Publication publication =
          new Target.Publication(message, message.toByteArray(), origin, ticket);
      targets.forEach(target -> deliver(target, publication, call));
    }
    ticket.release();
    return null;
  }

  /** The node goes away: peers get what they were given, and then the end. */
  public void finish() {
    all().forEach(Target::finish);
  }

  /** Whether every message that was taken has been handled here, or given to its peer. */
  boolean isIdle() {
    return all().stream().allMatch(Target::isIdle);
  }

  private List<Target> all() {
    List<Target> all = new ArrayList<>(wildcards);
    exact.values().forEach(all::addAll);
    return all;
  }

  /** Whatever one throws, the others get it. */
  private static void deliver(Target target, Target.Publication publication, Call call) {
    try {
      target.deliver(publication, call);
    } catch (Throwable e) {
      Tasks.failed(e);
    }
  }

  private List<Target> select(String topic) {
    List<Target> same = exact.get(topic);
    List<Target> targets = same == null ? new ArrayList<>() : new ArrayList<>(same);
    for (Target target : wildcards) {
      if (Topic.matches(target.filter(), topic)) {
        targets.add(target);
      }
    }
    return targets;
  }
}
