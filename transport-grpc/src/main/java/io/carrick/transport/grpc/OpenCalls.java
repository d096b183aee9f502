package io.carrick.transport.grpc;

import io.carrick.CallCancelledException;
import io.carrick.Delivered;
import io.carrick.MessagingException;
import io.carrick.OverloadedException;
import io.carrick.StatusCode;
import io.carrick.wire.v1.ToResponder;
import io.carrick.wire.v1.Withdrawn;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/** The calls that one program is to answer. Safe for use by any thread. */
final class OpenCalls {

  /** What a client takes in one message by default: one more byte would end its whole stream. */
  private static final int MAX_CALL_BYTES = 4 * 1024 * 1024 - 16 * 1024;

  private final Outbox outbox;
  private final Object lock = new Object();

  // Guarded by lock.
  private final Map<Long, OpenCall> open = new HashMap<>();
  private long lastId;
  private boolean ended;

  OpenCalls(Outbox outbox) {
    this.outbox = outbox;
  }

  /** What the program says to the end of a call. */
  interface Ending {
    void end(OpenCall opened);
  }

  /** Ends a call as the program says; nothing if it is over. */
  void end(OpenCall opened, Ending ending) {
    synchronized (lock) {
      open.remove(opened.id);
    }
    if (opened.end()) {
      ending.end(opened);
    }
  }

  /**
   * Gives the program a call.
   *
   * @param call makes it of its number
   * @throws MessagingException if the program cannot have it; nothing was delivered then
   */
  <C extends OpenCall> C open(LongFunction<C> call) {
    C opened;
    synchronized (lock) {
      opened = call.apply(ended ? 0 : ++lastId);
      if (!ended) {
        open.put(opened.id, opened);
      }
    }
    if (opened.id == 0) {
      throw opened.abandoned();
    }
    if (opened.bytes() > MAX_CALL_BYTES) {
      forget(opened);
      throw OverloadedException.tooLarge(
          Delivered.NO,
          "a message of "
              + opened.bytes()
              + " bytes exceeds the "
              + MAX_CALL_BYTES
              + " that a program which serves "
              + opened.topic
              + " over gRPC is given: send smaller ones");
    }
    if (!outbox.offer(opened)) {
      forget(opened);
      throw new OverloadedException(
          Delivered.NO,
          "the program that serves "
              + opened.topic
              + " reads too slowly, "
              + Outbox.MAX_BYTES
              + " bytes or "
              + Outbox.MAX_ENTRIES
              + " messages wait for it: try again later");
    }
    return opened;
  }

  private void forget(OpenCall opened) {
    synchronized (lock) {
      open.remove(opened.id);
    }
    opened.end();
  }

  /** The caller gave up; nothing if the call is over. */
  void withdraw(OpenCall opened) {
    StatusCode reason = opened.reason();
    withdraw(
        opened,
        reason,
        new CallCancelledException(
            Delivered.MAYBE, "the call of " + opened.topic + " was withdrawn: " + reason));
  }

  /** The call ends by this side, and the program is told. */
  void withdraw(OpenCall opened, StatusCode reason, MessagingException failure) {
    synchronized (lock) {
      open.remove(opened.id);
    }
    if (!opened.end()) {
      return;
    }
    if (opened.isTold()) {
      outbox.say(
          () ->
              ToResponder.newBuilder()
                  .setWithdrawn(Withdrawn.newBuilder().setCall(opened.id).setCode(reason.number()))
                  .build());
    }
    opened.fail(failure);
  }

  /** A call that is open; null if it is over, which is no mistake: its end may cross an answer. */
  @Nullable OpenCall find(long id) {
    synchronized (lock) {
      return open.get(id);
    }
  }

  /** Whether the program was given a call of this number, ever. */
  boolean knows(long id) {
    synchronized (lock) {
      return id > 0 && id <= lastId;
    }
  }

  /** The program is gone: what it left open fails. */
  void abandon() {
    List<OpenCall> left;
    synchronized (lock) {
      ended = true;
      left = new ArrayList<>(open.values());
      open.clear();
    }
    for (OpenCall opened : left) {
      MessagingException failure = opened.abandoned();
      if (opened.end()) {
        opened.fail(failure);
      }
    }
  }
}
