package io.carrick.transport.grpc;

import io.carrick.CallException;
import io.carrick.MessagingException;
import io.carrick.StatusCode;
import io.carrick.transport.support.edge.CallTerm;
import io.carrick.transport.support.edge.EdgeFailure;
import io.carrick.wire.v1.Failure;
import io.carrick.wire.v1.FromResponder;
import io.carrick.wire.v1.Header;
import io.carrick.wire.v1.Kind;
import io.carrick.wire.v1.Refused;
import io.carrick.wire.v1.Register;
import io.carrick.wire.v1.Reply;
import io.carrick.wire.v1.ToResponder;
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

  private record Key(Kind kind, String topic) {}

  private final ServerCall<FromResponder, ToResponder> call;
  private final PlainCaller caller;
  private final Outbox outbox;
  private final PlainIntake.Held held;
  private final OpenCalls calls;
  private final CallTerm term = new CallTerm();
  private final Object lock = new Object();

  // Guarded by lock.
  private final Map<Key, ServedTopic> topics = new HashMap<>();
  private boolean ended;

  // Callbacks of one call come one at a time.
  private boolean paused;

  private ResponderCall(ServerCall<FromResponder, ToResponder> call, PlainCaller caller) {
    this.call = call;
    this.caller = caller;
    this.outbox = new Outbox(call);
    this.calls = new OpenCalls(outbox);
    this.held = PlainIntake.begin(call.getAttributes(), this::refuse);
  }

  static ServerCallHandler<FromResponder, ToResponder> handler() {
    return (call, metadata) -> {
      try {
        ResponderCall responder = new ResponderCall(call, PlainCaller.of(call, metadata));
        responder.outbox.open();
        responder.term.begin(
            CallSocket.timer(call.getAttributes()), responder.caller.expires(), responder::refuse);
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

  /** Gives the program a call, as {@link OpenCalls#open} says. */
  <C extends OpenCall> C open(LongFunction<C> made) {
    return calls.open(made);
  }

  /** The caller gave up; nothing if the call is over. */
  void withdraw(OpenCall opened) {
    calls.withdraw(opened);
  }

  @Override
  public void onMessage(FromResponder message) {
    held.release();
    if (PlainMethods.isMalformed(message)) {
      refuse(EdgeFailure.refusal(StatusCode.INVALID_ARGUMENT, PlainMessages.MALFORMED));
      return;
    }
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
    } catch (MessagingException e) {
      refused(wanted, EdgeFailure.of(e));
      return;
    }
    topic
        .register(caller)
        .whenComplete(
            (none, failure) -> {
              if (failure != null) {
                synchronized (lock) {
                  topics.remove(key, topic);
                }
                refused(wanted, EdgeFailure.of(failure));
              }
            });
  }

  private void refused(Register wanted, EdgeFailure why) {
    Refused refused =
        Refused.newBuilder()
            .setKind(wanted.getKind())
            .setTopic(wanted.getTopic())
            .setCode(why.code().number())
            .setMessage(why.message())
            .build();
    say(() -> ToResponder.newBuilder().setRefused(refused).build());
  }

  private void add(Key key, ServedTopic topic) {
    synchronized (lock) {
      if (ended) {
        throw EdgeFailure.refusal(StatusCode.UNAVAILABLE, "the stream of this program has ended");
      }
      if (topics.containsKey(key)) {
        throw EdgeFailure.refusal(
            StatusCode.ALREADY_EXISTS,
            "this program serves " + key.kind() + " on " + key.topic() + " already");
      }
      if (topics.size() >= MAX_TOPICS) {
        throw EdgeFailure.refusal(
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
      calls.withdraw(opened, StatusCode.INTERNAL, opened.broken(broken));
    }
  }

  private void end(long id, OpenCalls.Ending ending) {
    OpenCall opened = find(id);
    if (opened != null) {
      calls.end(opened, ending);
    }
  }

  private @Nullable OpenCall find(long id) {
    if (!calls.knows(id)) {
      refuse(
          EdgeFailure.refusal(
              StatusCode.INVALID_ARGUMENT,
              "call " + id + " was never made: answer with the number of an Incoming"));
    }
    return calls.find(id);
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
  public void onComplete() {
    term.end();
  }

  @Override
  public void onCancel() {
    term.end();
    outbox.close();
    leave();
  }

  /** The program is gone: its topics are free, and what it left open fails. */
  private void leave() {
    List<ServedTopic> served;
    synchronized (lock) {
      ended = true;
      served = new ArrayList<>(topics.values());
      topics.clear();
    }
    served.forEach(ServedTopic::close);
    calls.abandon();
  }
}
