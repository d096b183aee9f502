package io.carrick.edge.http;

import io.netty.handler.codec.http.HttpHeaders;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** gRPC-Web: its trailers stand in the body, and the body may be Base64. */
final class GrpcWebDialect extends EnvelopeDialect {

  static final String CONTENT_TYPE = "application/grpc-web";
  static final String TEXT = "application/grpc-web-text";

  private static final int TRAILERS = 0x80;
  private static final int QUAD = 4;

  private final boolean text;

  GrpcWebDialect(RpcMethod method, HttpHeaders headers, String contentType) {
    super(method, headers, contentType);
    this.text = contentType.startsWith(TEXT);
  }

  @Override
  public long mostBodyBytes(int maxMessageBytes) {
    long bytes = super.mostBodyBytes(maxMessageBytes);
    return text ? bytes / 3 * 4 + 8 : bytes;
  }

  @Override
  byte[] last(RpcMethod.@Nullable Status failed, HttpHeaders trailers) {
    StringBuilder lines = new StringBuilder();
    line(lines, "grpc-status", String.valueOf(failed == null ? 0 : failed.code()));
    if (failed != null && failed.message() != null) {
      line(lines, "grpc-message", RestHeaders.encode(failed.message()));
    }
    if (failed != null && !failed.details().isEmpty()) {
      byte[] status = RpcErrors.status(failed);
      line(
          lines,
          "grpc-status-details-bin",
          Base64.getEncoder().withoutPadding().encodeToString(status));
    }
    for (Map.Entry<String, String> each : trailers) {
      line(lines, each.getKey().toLowerCase(Locale.ROOT), each.getValue());
    }
    return RpcEnvelope.of(TRAILERS, lines.toString().getBytes(StandardCharsets.UTF_8));
  }

  private static void line(StringBuilder lines, String name, String value) {
    lines.append(name).append(": ").append(value).append("\r\n");
  }

  @Override
  byte[] sent(byte[] envelope) {
    return text ? Base64.getEncoder().encode(envelope) : envelope;
  }

  /** Each part of a body may have been padded by itself. */
  @Override
  byte[] came(byte[] body) {
    if (!text) {
      return body;
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(body.length);
    for (int at = 0; at < body.length; at += QUAD) {
      byte[] quad = Arrays.copyOfRange(body, at, Math.min(body.length, at + QUAD));
      bytes.writeBytes(Base64.getDecoder().decode(quad));
    }
    return bytes.toByteArray();
  }
}
