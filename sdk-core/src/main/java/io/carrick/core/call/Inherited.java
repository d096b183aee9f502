package io.carrick.core.call;

import io.carrick.Call;
import io.carrick.CallOptions;
import io.carrick.Headers;
import io.carrick.Priority;
import java.time.Duration;
import java.util.Optional;

/** What a call that is made to answer another one takes over of that. */
final class Inherited {

  private Inherited() {}

  /** The options as they are now, with what is left of the other call. */
  static CallOptions of(Call call, CallOptions options) {
    CallOptions result = options;
    Duration left = call.remaining().orElse(options.deadline());
    if (left.compareTo(options.deadline()) < 0) {
      Duration least = Duration.ofMillis(1);
      result = result.withDeadline(left.compareTo(least) < 0 ? least : left);
    }
    if (options.priority() == Priority.NORMAL) {
      result = result.withPriority(call.priority());
    }
    if (options.headers().first("traceparent").isEmpty()) {
      result = traced(result, call.headers());
    }
    return result;
  }

  /** With the trace of other headers; the state says nothing without its parent. */
  private static CallOptions traced(CallOptions options, Headers headers) {
    Optional<String> parent = headers.first("traceparent");
    if (parent.isEmpty()) {
      return options;
    }
    CallOptions result = options.withHeader("traceparent", parent.get());
    for (Headers.Entry entry : headers.entries()) {
      if (entry.name().equals("tracestate")) {
        result = result.withHeader("tracestate", entry.value());
      }
    }
    return result;
  }
}
