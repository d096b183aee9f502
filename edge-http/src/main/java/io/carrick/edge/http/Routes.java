package io.carrick.edge.http;

import io.carrick.Message;
import io.carrick.StatusCode;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.QueryStringDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Which call the head of a request is. Pure functions. */
final class Routes {

  static final String REST = "/v1/";

  /** What a request, a send or a publish may last that names no deadline. */
  static final Duration DEFAULT_DEADLINE = Duration.ofSeconds(30);

  private static final String TIMEOUT = "carrick-timeout-ms";
  private static final String IDENTITY = "identity";

  private static final Map<String, Kind> KINDS =
      Map.of(
          "request", Kind.REQUEST,
          "send", Kind.SEND,
          "publish", Kind.PUBLISH,
          "stream", Kind.STREAM,
          "subscribe", Kind.SUBSCRIBE);

  private Routes() {}

  /** Whether the edge answers what is asked of a path. */
  static boolean answers(RpcService service, String path) {
    return path.startsWith(REST) || path.startsWith(service.path());
  }

  /**
   * Finds it.
   *
   * @throws IllegalArgumentException if it is malformed
   */
  static Routed find(RpcService service, HttpRequest request) {
    QueryStringDecoder uri = new QueryStringDecoder(request.uri());
    String path = uri.path();
    if (path.startsWith(service.path())) {
      return RpcRoutes.find(service, request, path);
    }
    if (path.equals(OpenApi.PATH)) {
      return new Routed.Refused(OpenApi.answer(request.method()));
    }
    int slash = path.indexOf('/', REST.length());
    Kind kind = KINDS.get(path.substring(REST.length(), slash < 0 ? path.length() : slash));
    if (kind == null || slash < 0 || slash + 1 == path.length()) {
      return refused(
          404,
          StatusCode.NOT_FOUND,
          "nothing is served at this path: call /v1/request/, send/, publish/, stream/ and a topic,"
              + " or /v1/subscribe/ and a filter");
    }
    Routed wrong = wrongMethod(kind, request.method());
    if (wrong == null) {
      wrong = wrongHeaders(kind, request.headers());
    }
    return wrong != null ? wrong : rest(kind, path.substring(slash + 1), uri, request);
  }

  private static Routed rest(Kind kind, String topic, QueryStringDecoder uri, HttpRequest request) {
    HttpHeaders headers = request.headers();
    List<String> accepted = MediaTypes.accepted(headers.getAll(HttpHeaderNames.ACCEPT));
    Dialect dialect =
        kind.isUnary()
            ? new RestDialect(kind, topic, headers, accepted.contains(CloudEvents.CONTENT_TYPE))
            : new EventDialect(
                body ->
                    request.method().equals(HttpMethod.GET)
                        ? asked(kind, topic, uri, headers)
                        : RestDialect.message(topic, headers, body),
                headers.get("last-event-id", ""));
    return new Routed.Taken(
        kind,
        dialect,
        deadline(kind, headers.get(TIMEOUT)),
        kind.isUnary() ? ofPayload(accepted) : List.of());
  }

  /** An event in JSON may have a payload of any type. */
  private static List<String> ofPayload(List<String> accepted) {
    return accepted.contains(CloudEvents.CONTENT_TYPE) ? List.of() : accepted;
  }

  /** The message of a request that has no body. */
  private static Message asked(
      Kind kind, String topic, QueryStringDecoder uri, HttpHeaders headers) {
    String payload = parameter(uri, "payload");
    return Message.wrap(
        topic,
        RestHeaders.of(headers),
        kind == Kind.SUBSCRIBE ? "" : MediaTypes.checked(parameter(uri, "contentType")),
        payload.getBytes(StandardCharsets.UTF_8));
  }

  private static String parameter(QueryStringDecoder uri, String name) {
    List<String> values = uri.parameters().getOrDefault(name, List.of(""));
    if (values.size() > 1) {
      throw new IllegalArgumentException("the query has " + name + " twice: say it once");
    }
    return values.get(0);
  }

  private static @Nullable Routed wrongMethod(Kind kind, HttpMethod method) {
    boolean get = method.equals(HttpMethod.GET) && !kind.isUnary();
    boolean post = method.equals(HttpMethod.POST) && kind != Kind.SUBSCRIBE;
    if (get || post) {
      return null;
    }
    String allowed = kind.isUnary() ? "POST" : kind == Kind.SUBSCRIBE ? "GET" : "GET, POST";
    Answer answer =
        Problems.refusal(
            405, StatusCode.UNIMPLEMENTED, Problems.lower(kind) + " is called by " + allowed);
    return new Routed.Refused(answer.with(HttpHeaderNames.ALLOW, allowed));
  }

  private static @Nullable Routed wrongHeaders(Kind kind, HttpHeaders headers) {
    String coding = headers.get(HttpHeaderNames.CONTENT_ENCODING, IDENTITY);
    if (!coding.equalsIgnoreCase(IDENTITY)) {
      Answer answer =
          Problems.refusal(
              415, StatusCode.INVALID_ARGUMENT, "bodies come as they are, in no content coding");
      return new Routed.Refused(answer.with(HttpHeaderNames.ACCEPT_ENCODING, IDENTITY));
    }
    List<String> accepted = MediaTypes.accepted(headers.getAll(HttpHeaderNames.ACCEPT));
    return kind.isUnary() || accepted.isEmpty() || accepted.contains(EventDialect.CONTENT_TYPE)
        ? null
        : refused(
            406,
            StatusCode.INVALID_ARGUMENT,
            "items come as " + EventDialect.CONTENT_TYPE + ": accept that");
  }

  private static Routed refused(int status, StatusCode code, String message) {
    return new Routed.Refused(Problems.refusal(status, code, message));
  }

  /** The deadline that a call names in milliseconds; null for none. */
  static @Nullable Duration deadline(Kind kind, @Nullable String millis) {
    if (millis == null) {
      return kind.isUnary() ? DEFAULT_DEADLINE : null;
    }
    if (!millis.matches("[0-9]{1,10}") || Long.parseLong(millis) == 0) {
      throw new IllegalArgumentException(
          "a deadline is a positive number of milliseconds, 10 digits at most");
    }
    return Duration.ofMillis(Long.parseLong(millis));
  }
}
