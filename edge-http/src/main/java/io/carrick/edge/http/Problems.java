package io.carrick.edge.http;

import io.carrick.Delivered;
import io.carrick.StatusCode;
import io.carrick.transport.support.edge.EdgeFailure;
import io.netty.handler.codec.http.HttpHeaderNames;
import java.util.Locale;
import java.util.Map;

/** Failures as statuses of HTTP, and as RFC 9457 words them. Pure functions. */
final class Problems {

  static final String CONTENT_TYPE = "application/problem+json";
  static final String DELIVERED = "carrick-delivered";
  static final String RETRY = "carrick-retry";

  private Problems() {}

  /** The status of a code: the table of the Connect protocol, so that there is one for both. */
  static int status(StatusCode code) {
    return switch (code) {
      case OK -> 200;
      case INVALID_ARGUMENT, FAILED_PRECONDITION, OUT_OF_RANGE -> 400;
      case UNAUTHENTICATED -> 401;
      case PERMISSION_DENIED -> 403;
      case NOT_FOUND -> 404;
      case ALREADY_EXISTS, ABORTED -> 409;
      case RESOURCE_EXHAUSTED -> 429;
      case CANCELLED -> 499;
      case UNIMPLEMENTED -> 501;
      case UNAVAILABLE -> 503;
      case DEADLINE_EXCEEDED -> 504;
      case UNKNOWN, INTERNAL, DATA_LOSS -> 500;
    };
  }

  /** A failure as a response. */
  static Answer answer(EdgeFailure failure) {
    return answer(status(failure.code()), failure);
  }

  /** The same under another status. */
  static Answer answer(int status, EdgeFailure failure) {
    Answer answer = Answer.text(status, CONTENT_TYPE, json(status, failure) + "\n");
    answer.with(HttpHeaderNames.CACHE_CONTROL, "no-store");
    answer.with(DELIVERED, lower(failure.delivered()));
    answer.with(RETRY, failure.retrySafe() ? "safe" : "unsafe");
    if (status == 503 || status == 429) {
      answer.with(HttpHeaderNames.RETRY_AFTER, "1");
    } else if (status == 401) {
      answer.with(HttpHeaderNames.WWW_AUTHENTICATE, "Bearer");
    }
    return answer;
  }

  /** A refusal of the edge itself: nothing was delivered. */
  static Answer refusal(int status, StatusCode code, String message) {
    return answer(status, new EdgeFailure(code, Delivered.NO, false, message, Map.of()));
  }

  /** A failure as one line of JSON. */
  static String json(EdgeFailure failure) {
    return json(status(failure.code()), failure);
  }

  private static String json(int status, EdgeFailure failure) {
    String code = lower(failure.code());
    JsonText problem =
        new JsonText()
            .put("type", "urn:carrick:problem:" + code)
            .put("title", code.replace('_', ' '))
            .put("status", status);
    return MessageJson.put(problem, "detail", failure).end();
  }

  static String lower(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }
}
