package io.carrick.transport.grpc;

import io.carrick.CallCancelledException;
import io.carrick.CallException;
import io.carrick.Delivered;
import io.carrick.MessagingException;
import io.carrick.OverloadedException;
import io.carrick.StatusCode;
import io.carrick.wire.v1.Failure;
import io.carrick.wire.v1.FromResponder;
import io.carrick.wire.v1.Header;
import io.carrick.wire.v1.Kind;
import io.carrick.wire.v1.Refused;
import io.carrick.wire.v1.Register;
import io.carrick.wire.v1.Reply;
import io.carrick.wire.v1.ToResponder;
import io.carrick.wire.v1.Withdrawn;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.Status;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/** A program that answers topics, for as long as its Serve call lives. */
final class ResponderCall extends ServerCall.Listener<FromResponder> {

  static final int MAX_TOPICS = 64;

  /** What a client takes in one message by default: one more byte would end its whole stream. */
  private static final int MAX_CALL_BYTES = 4 * 1024 * 1024 - 16 * 1024;

  private record Key(Kind kind, String topic) {}

  private final ServerCall<FromResponder, ToResponder> call;
  private final PlainCaller caller;
  private final Outbox outbox;
  private final PlainIntake.Held held;
  private final Object lock = new Object();

  // Guarded by lock.
  private final Map<Key, ServedTopic> topics = new HashMap<>();
  private final Map<Long, OpenCall> open = new HashMap<>();
  private long lastId;
  private boolean ended;

  // Callbacks of one call come one at a time.
  private boolean paused;

  private ResponderCall(ServerCall<FromResponder, ToResponder> call, PlainCaller caller) {
    this.call = call;
    this.caller = caller;
    this.outbox = new Outbox(call);
    this.held = PlainIntake.begin(call.getAttributes(), this::refuse);
  }

  static ServerCallHandler<FromResponder, ToResponder> handler() {
    return (call, metadata) -> {
      try {
        ResponderCall responder = new ResponderCall(call, PlainCaller.of(call, metadata));
        responder.outbox.open();
        call.request(1);
        return responder;
      } catch (MessagingException e) {
        PlainStatus told = PlainStatus.of(e);
        call.close(told.status(), told.trailers());
        return new ServerCall.Listener<>() {};
      }
    };
  }

  /** Queues what is said about calls and topics. */
  void say(Outbox.Entry entry) {
    outbox.say(entry);
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
      throw new OverloadedException(
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

  private void withdraw(OpenCall opened, StatusCode reason, MessagingException failure) {
    synchronized (lock) {
      open.remove(opened.id);
    }
    if (!opened.end()) {
      return;
    }
    if (opened.isTold()) {
      say(
          () ->
              ToResponder.newBuilder()
                  .setWithdrawn(Withdrawn.newBuilder().setCall(opened.id).setCode(reason.number()))
                  .build());
    }
    opened.fail(failure);
  }

  @Override
  public void onMessage(FromResponder message) {
    held.release();
    switch (message.getBodyCase()) {
      case REGISTER -> register(message.getRegister());
      case UNREGISTER -> {
        ServedTopic topic;
        synchronized (lock) {
          topic =
              topics.remove(
                  new Key(message.getUnregister().getKind(), message.getUnregister().getTopic()));
        }
        if (topic != null) {
          topic.close();
        }
      }
      case ANSWER -> answer(message.getAnswer().getCall(), message.getAnswer().getReply());
      case FINISH -> end(message.getFinish().getCall(), OpenCall::finish);
      case FAILURE -> {
        MessagingException failure = failure(message.getFailure());
        end(message.getFailure().getCall(), opened -> opened.fail(failure));
      }
      case BODY_NOT_SET -> {
        // What a newer program may say, and this node does not know.
      }
    }
    if (outbox.isFull()) {
      paused = true;
    } else {
      call.request(1);
    }
  }

  private void register(Register wanted) {
    Key key = new Key(wanted.getKind(), wanted.getTopic());
    ServedTopic topic = new ServedTopic(this, wanted);
    try {
      add(key, topic);
      try {
        topic.register(caller);
      } catch (MessagingException e) {
        synchronized (lock) {
          topics.remove(key, topic);
        }
        throw e;
      }
    } catch (MessagingException e) {
      Refused refused =
          Refused.newBuilder()
              .setKind(wanted.getKind())
              .setTopic(wanted.getTopic())
              .setCode(e.code().number())
              .setMessage(String.valueOf(e.getMessage()))
              .build();
      say(() -> ToResponder.newBuilder().setRefused(refused).build());
    }
  }

  private void add(Key key, ServedTopic topic) {
    synchronized (lock) {
      if (topics.containsKey(key)) {
        throw PlainStatus.refusal(
            StatusCode.ALREADY_EXISTS,
            "this program serves " + key.kind() + " on " + key.topic() + " already");
      }
      if (topics.size() >= MAX_TOPICS) {
        throw PlainStatus.refusal(
            StatusCode.RESOURCE_EXHAUSTED,
            "this program serves " + MAX_TOPICS + " topics: open another Serve call for more");
      }
      topics.put(key, topic);
    }
  }

  private void answer(long id, Reply reply) {
    OpenCall opened = find(id);
    if (opened == null) {
      return;
    }
    String broken;
    try {
      io.carrick.Message message = opened.message(reply);
      if (opened.endsByAnswer()) {
        end(id, ended -> ended.answer(message));
        return;
      }
      broken = opened.answer(message);
    } catch (IllegalArgumentException e) {
      broken = String.valueOf(e.getMessage());
    }
    if (broken != null) {
      withdraw(opened, StatusCode.INTERNAL, opened.broken(broken));
    }
  }

  private interface Ending {
    void end(OpenCall opened);
  }

  private void end(long id, Ending ending) {
    OpenCall opened = find(id);
    if (opened != null) {
      forget(opened, ending);
    }
  }

  private void forget(OpenCall opened, Ending ending) {
    synchronized (lock) {
      open.remove(opened.id);
    }
    if (opened.end()) {
      ending.end(opened);
    }
  }

  /** A call that is open. One that is over is no mistake: its end may have crossed the answer. */
  private @Nullable OpenCall find(long id) {
    OpenCall opened;
    boolean known;
    synchronized (lock) {
      opened = open.get(id);
      known = id > 0 && id <= lastId;
    }
    if (!known) {
      refuse(
          PlainStatus.refusal(
              StatusCode.INVALID_ARGUMENT,
              "call " + id + " was never made: answer with the number of an Incoming"));
    }
    return opened;
  }

  /** Ends the stream of the program. */
  private void refuse(MessagingException reason) {
    PlainStatus told = PlainStatus.of(reason);
    outbox.close(told.status(), told.trailers());
    leave();
  }

  private static MessagingException failure(Failure failure) {
    Map<String, String> details = new LinkedHashMap<>();
    for (Header header : failure.getDetailsList()) {
      if (details.size() < CallException.MAX_DETAILS) {
        details.putIfAbsent(header.getName(), header.getValue());
      }
    }
    StatusCode code = StatusCode.of(failure.getCode());
    return new CallException(
        code == StatusCode.OK ? StatusCode.UNKNOWN : code, failure.getMessage(), details);
  }

  @Override
  public void onReady() {
    outbox.ready();
    if (paused && !outbox.isFull()) {
      paused = false;
      call.request(1);
    }
  }

  @Override
  public void onHalfClose() {
    leave();
    outbox.close(Status.OK, new Metadata());
  }

  @Override
  public void onCancel() {
    outbox.close();
    leave();
  }

  /** The program is gone: its topics are free, and what it left open fails. */
  private void leave() {
    List<ServedTopic> served;
    List<OpenCall> left;
    synchronized (lock) {
      ended = true;
      served = new ArrayList<>(topics.values());
      left = new ArrayList<>(open.values());
      topics.clear();
      open.clear();
    }
    served.forEach(ServedTopic::close);
    for (OpenCall opened : left) {
      MessagingException failure = opened.abandoned();
      if (opened.end()) {
        opened.fail(failure);
      }
    }
  }
}
