package io.carrick.edge.http;

import io.carrick.Delivered;
import io.carrick.StatusCode;
import io.carrick.transport.support.edge.EdgeFailure;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Which call of Connect or gRPC-Web the head of a request is. Pure functions. */
final class RpcRoutes {

  private static final String CONNECT_TIMEOUT = "connect-timeout-ms";
  private static final String IDENTITY = "identity";

  private static final List<String> UNARY = List.of("application/json", "application/proto");

  private static final List<String> STREAM =
      List.of("application/connect+json", "application/connect+proto");

  private static final List<String> WEB =
      List.of(
          GrpcWebDialect.CONTENT_TYPE,
          GrpcWebDialect.CONTENT_TYPE + "+proto",
          GrpcWebDialect.CONTENT_TYPE + "+json",
          GrpcWebDialect.TEXT,
          GrpcWebDialect.TEXT + "+proto");

  private RpcRoutes() {}

  /** Finds a call of a service. */
  static Routed find(RpcService service, HttpRequest request, String path) {
    if (!request.method().equals(HttpMethod.POST)) {
      return new Routed.Refused(Answer.empty(405).with(HttpHeaderNames.ALLOW, "POST"));
    }
    HttpHeaders headers = request.headers();
    String type = MediaTypes.bare(headers.get(HttpHeaderNames.CONTENT_TYPE, ""));
    String name = path.substring(service.path().length());
    RpcMethod method = service.methods().get(name);
    if (method == null) {
      return service.others().contains(name) ? notSo(service, type, name) : refused(404);
    }
    boolean web = WEB.contains(type);
    if (!web && !(method.kind().isUnary() ? UNARY : STREAM).contains(type)) {
      return refused(415);
    }
    Dialect dialect = dialect(method, headers, type, web);
    String wrong = wrongHeaders(headers, web);
    if (wrong != null) {
      Answer answer = dialect.failure(refusal(StatusCode.UNIMPLEMENTED, wrong));
      return new Routed.Refused(answer.with(coding(type, web) + "accept-encoding", IDENTITY));
    }
    try {
      return new Routed.Taken(
          method.kind(), dialect, deadline(method.kind(), headers, web), List.of());
    } catch (IllegalArgumentException e) {
      return new Routed.Refused(
          dialect.failure(refusal(StatusCode.INVALID_ARGUMENT, String.valueOf(e.getMessage()))));
    }
  }

  private static Dialect dialect(RpcMethod method, HttpHeaders headers, String type, boolean web) {
    if (web) {
      return new GrpcWebDialect(method, headers, type);
    }
    return method.kind().isUnary()
        ? new ConnectUnaryDialect(method, headers, type.endsWith("json"))
        : new ConnectStreamDialect(method, headers, type);
  }

  private static Routed refused(int status) {
    return new Routed.Refused(
        Answer.empty(status)
            .with(
                "accept-post",
                String.join(", ", UNARY)
                    + ", "
                    + String.join(", ", STREAM)
                    + ", "
                    + String.join(", ", WEB)));
  }

  /** A method that needs both directions at once. */
  private static Routed notSo(RpcService service, String type, String name) {
    Dialect dialect =
        WEB.contains(type)
            ? new GrpcWebDialect(new CarrickMethods(Kind.STREAM), EmptyHttpHeaders.INSTANCE, type)
            : STREAM.contains(type)
                ? new ConnectStreamDialect(
                    new CarrickMethods(Kind.STREAM), EmptyHttpHeaders.INSTANCE, type)
                : new ConnectUnaryDialect(
                    new CarrickMethods(Kind.REQUEST), EmptyHttpHeaders.INSTANCE, true);
    return new Routed.Refused(
        dialect.failure(
            refusal(
                StatusCode.UNIMPLEMENTED,
                service.name() + "." + name + " is called by gRPC over HTTP/2 only")));
  }

  private static EdgeFailure refusal(StatusCode code, String message) {
    return new EdgeFailure(code, Delivered.NO, false, message, Map.of());
  }

  private static String coding(String type, boolean web) {
    return web ? "grpc-" : STREAM.contains(type) ? "connect-" : "";
  }

  private static @Nullable String wrongHeaders(HttpHeaders headers, boolean web) {
    for (String name :
        web ? List.of("grpc-encoding") : List.of("content-encoding", "connect-content-encoding")) {
      if (!headers.get(name, IDENTITY).equalsIgnoreCase(IDENTITY)) {
        return "messages come uncompressed";
      }
    }
    return null;
  }

  private static @Nullable Duration deadline(Kind kind, HttpHeaders headers, boolean web) {
    String version = headers.get("connect-protocol-version", "1");
    if (!web && !version.equals("1")) {
      throw new IllegalArgumentException("the version of the Connect protocol is 1");
    }
    String grpc = headers.get("grpc-timeout");
    return web && grpc != null
        ? grpcTimeout(grpc)
        : Routes.deadline(kind, headers.get(CONNECT_TIMEOUT));
  }

  /** At most eight digits and a unit. */
  private static Duration grpcTimeout(String timeout) {
    if (!timeout.matches("[0-9]{1,8}[HMSmun]")) {
      throw new IllegalArgumentException("grpc-timeout has at most 8 digits and a unit");
    }
    long amount = Long.parseLong(timeout.substring(0, timeout.length() - 1));
    Duration deadline =
        switch (timeout.charAt(timeout.length() - 1)) {
          case 'H' -> Duration.ofHours(amount);
          case 'M' -> Duration.ofMinutes(amount);
          case 'S' -> Duration.ofSeconds(amount);
          case 'm' -> Duration.ofMillis(amount);
          case 'u' -> Duration.ofNanos(amount * 1_000);
          default -> Duration.ofNanos(amount);
        };
    return deadline.isZero() ? Duration.ofNanos(1) : deadline;
  }
}
