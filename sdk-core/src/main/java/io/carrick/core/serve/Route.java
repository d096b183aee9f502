package io.carrick.core.serve;

import io.carrick.HandlerOptions;
import io.carrick.Message;
import io.carrick.Registration;
import io.carrick.core.frame.Kind;
import io.carrick.core.run.Bulkhead;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** A handler in its place. */
abstract class Route implements Registration {

  final Router router;
  final Kind kind;
  final String topic;
  final HandlerOptions options;
  final Bulkhead bulkhead;
  final Map<Object, OrderedQueue> lanes = new ConcurrentHashMap<>();

  Route(Router router, Kind kind, String topic, HandlerOptions options) {
    this.router = router;
    this.kind = kind;
    this.topic = topic;
    this.options = options;
    this.bulkhead = new Bulkhead(router.tasks, options);
  }

  /** Answers a call; false if it goes on and {@link #over} is called later. */
  abstract boolean serve(ServedCall call, Message message);

  /** A call that {@link #serve} left open has ended. */
  final void over() {
    bulkhead.release();
    if (!options.isNonBlocking()) {
      bulkhead.finished();
    }
  }

  @Override
  public final void close() {
    router.remove(this);
  }
}
