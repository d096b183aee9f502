package io.carrick.netty;

import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What RFC 9112 asks of the head of a request beside its form. Pure functions. */
final class Http1Rules {

  private static final int AROUND_HEADER_BYTES = 4; // A colon, a space and the end of the line.

  /** The form that is for proxies, and that servers take as well (section 3.2.2). */
  private static final Pattern ABSOLUTE =
      Pattern.compile("https?://[^/?#]*(?<target>.*)", Pattern.CASE_INSENSITIVE);

  private Http1Rules() {}

  /**
   * What a head is answered that breaks a rule; null for a good one, whose target is a path then.
   */
  static @Nullable HttpResponseStatus check(HttpRequest head) {
    HttpVersion version = head.protocolVersion();
    boolean old = version.equals(HttpVersion.HTTP_1_0);
    if (!old && !version.equals(HttpVersion.HTTP_1_1)) {
      return HttpResponseStatus.HTTP_VERSION_NOT_SUPPORTED;
    }
    int hosts = head.headers().getAll(HttpHeaderNames.HOST).size();
    if (hosts > 1 || (hosts == 0 && !old)) { // Section 3.2.
      return HttpResponseStatus.BAD_REQUEST;
    }
    List<String> codings = head.headers().getAll(HttpHeaderNames.TRANSFER_ENCODING);
    if (!codings.isEmpty() && old) { // Section 6.1.
      return HttpResponseStatus.BAD_REQUEST;
    }
    if (!codings.isEmpty()
        && (codings.size() > 1
            || !HttpHeaderValues.CHUNKED.contentEqualsIgnoreCase(codings.get(0).trim()))) {
      return HttpResponseStatus.NOT_IMPLEMENTED;
    }
    String expected = head.headers().get(HttpHeaderNames.EXPECT);
    if (expected != null && !HttpHeaderValues.CONTINUE.contentEqualsIgnoreCase(expected)) {
      return HttpResponseStatus.EXPECTATION_FAILED;
    }
    return toPath(head) ? null : HttpResponseStatus.BAD_REQUEST;
  }

  private static boolean toPath(HttpRequest head) {
    Matcher absolute = ABSOLUTE.matcher(head.uri());
    if (absolute.matches()) {
      String target = absolute.group("target");
      head.setUri(target.startsWith("/") ? target : "/" + target);
    }
    return head.uri().startsWith("/") || head.uri().equals("*");
  }

  /**
   * Says where a response ends: by its length, by chunks where its client knows them, or else by
   * the end of the connection.
   *
   * @return false for the last
   */
  static boolean delimit(HttpRequest asked, HttpResponse response) {
    boolean old = asked.protocolVersion().equals(HttpVersion.HTTP_1_0);
    if (response instanceof FullHttpResponse full && !HttpUtil.isContentLengthSet(response)) {
      HttpUtil.setContentLength(response, full.content().readableBytes());
    }
    boolean length = HttpUtil.isContentLengthSet(response);
    HttpUtil.setTransferEncodingChunked(response, !old && !length);
    return length || !old;
  }

  /** What decides who takes it. */
  static HttpHead headOf(HttpRequest head) {
    String upgrade = head.headers().get(HttpHeaderNames.UPGRADE);
    boolean asked =
        upgrade != null
            && head.protocolVersion().equals(HttpVersion.HTTP_1_1)
            && head.headers()
                .containsValue(HttpHeaderNames.CONNECTION, HttpHeaderValues.UPGRADE, true);
    return HttpHead.of(
        false,
        head.method().name(),
        head.uri(),
        asked ? upgrade.trim().toLowerCase(Locale.ROOT) : "");
  }

  /** What it takes while it is open. */
  static int sizeOf(HttpRequest head) {
    int size = head.method().name().length() + head.uri().length();
    for (Map.Entry<String, String> entry : head.headers()) {
      size += entry.getKey().length() + entry.getValue().length() + AROUND_HEADER_BYTES;
    }
    return size;
  }

  /** What a head is answered that could not be read. */
  static HttpResponseStatus statusOf(Throwable cause) {
    if (cause instanceof TooLongHttpLineException) {
      return HttpResponseStatus.REQUEST_URI_TOO_LONG;
    }
    return cause instanceof TooLongHttpHeaderException
        ? HttpResponseStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
        : HttpResponseStatus.BAD_REQUEST;
  }

  /** Why, and what to do about it. */
  static String textOf(HttpResponseStatus status) {
    return switch (status.code()) {
      case 400 -> "this is no request of HTTP/1.1 (RFC 9112)";
      case 414 -> "a request line may have " + HttpLimits.LINE_BYTES + " bytes";
      case 417 -> "only 100-continue may be expected";
      case 431 -> "the headers of a request may have " + HttpLimits.HEADER_BYTES + " bytes";
      case 501 -> "a body comes in chunks or with its length, in no other coding";
      case 505 -> "use HTTP/1.0, HTTP/1.1 or HTTP/2";
      default -> status.reasonPhrase();
    };
  }
}
