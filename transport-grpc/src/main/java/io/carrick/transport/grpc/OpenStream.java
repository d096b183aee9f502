package io.carrick.transport.grpc;

import io.carrick.Call;
import io.carrick.Message;
import io.carrick.MessagingException;
import io.carrick.transport.support.edge.Pipe;
import io.carrick.wire.v1.Demand;
import io.carrick.wire.v1.Kind;
import io.carrick.wire.v1.ToResponder;
import org.jspecify.annotations.Nullable;

/** A stream that a program gives the items of, as many as its caller asked for. */
final class OpenStream extends OpenCall implements Pipe.Source {

  /** No more than a double can count, for languages that have no other numbers. */
  private static final long MOST_ITEMS = (1L << 53) - 1;

  final Pipe<Message> items = new Pipe<>(this);
  private final ResponderCall responder;
  private final Object lock = new Object();

  // Guarded by lock.
  private long asked;
  private boolean telling;

  // Answers come one at a time.
  private String contentType = "";

  OpenStream(long id, Message message, Call call, ResponderCall responder, Runnable atEnd) {
    super(id, Kind.STREAM, message, call, atEnd);
    this.responder = responder;
  }

  @Override
  public void request(long n) {
    synchronized (lock) {
      asked = Math.min(MOST_ITEMS, asked + Math.min(n, MOST_ITEMS));
      if (telling) {
        return;
      }
      telling = true;
    }
    responder.say(this::demand);
  }

  private @Nullable ToResponder demand() {
    synchronized (lock) {
      telling = false;
      return isOver()
          ? null
          : ToResponder.newBuilder()
              .setDemand(Demand.newBuilder().setCall(id).setItems(asked))
              .build();
    }
  }

  @Override
  public void cancel() {
    responder.withdraw(this);
  }

  @Override
  @Nullable String answer(Message item) {
    contentType = item.contentType();
    return items.item(item)
        ? null
        : "it gave an item to call " + id + " that Demand had not asked for";
  }

  @Override
  String contentType() {
    return contentType;
  }

  @Override
  void finish() {
    items.end(null);
  }

  @Override
  void fail(MessagingException failure) {
    items.end(failure);
  }

  @Override
  boolean endsByAnswer() {
    return false;
  }
}
