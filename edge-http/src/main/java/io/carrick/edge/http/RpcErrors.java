package io.carrick.edge.http;

import io.carrick.StatusCode;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;

/** Failures as Connect and gRPC word them. Pure functions. */
final class RpcErrors {

  private static final String TYPE_URL = "type.googleapis.com/";

  private RpcErrors() {}

  /** A failure as the JSON of Connect. */
  static String json(RpcMethod.Status status) {
    JsonText json = new JsonText().put("code", name(StatusCode.of(status.code())));
    if (status.message() != null) {
      json.put("message", status.message());
    }
    if (!status.details().isEmpty()) {
      List<String> details = new ArrayList<>();
      for (RpcMethod.Detail each : status.details()) {
        String value = Base64.getEncoder().withoutPadding().encodeToString(each.value());
        details.add(new JsonText().put("type", each.type()).put("value", value).end());
      }
      json.putJson("details", "[" + String.join(",", details) + "]");
    }
    return json.end();
  }

  private static String name(StatusCode code) {
    return code == StatusCode.CANCELLED ? "canceled" : Problems.lower(code); // As Connect spells.
  }

  /** A failure as google.rpc.Status. */
  static byte[] status(RpcMethod.Status status) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(1 << 3);
    out.write(status.code());
    if (status.message() != null) {
      bytes(out, 2, utf8(status.message()));
    }
    for (RpcMethod.Detail each : status.details()) {
      ByteArrayOutputStream any = new ByteArrayOutputStream();
      bytes(any, 1, utf8(TYPE_URL + each.type()));
      bytes(any, 2, each.value());
      bytes(out, 3, any.toByteArray());
    }
    return out.toByteArray();
  }

  /** A google.rpc.ErrorInfo. */
  static byte[] info(String reason, String domain, Map<String, String> metadata) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    bytes(out, 1, utf8(reason));
    bytes(out, 2, utf8(domain));
    metadata.forEach(
        (name, value) -> {
          ByteArrayOutputStream entry = new ByteArrayOutputStream();
          bytes(entry, 1, utf8(name));
          bytes(entry, 2, utf8(value));
          bytes(out, 3, entry.toByteArray());
        });
    return out.toByteArray();
  }

  /** A field of Protocol Buffers with bytes. */
  private static void bytes(ByteArrayOutputStream out, int field, byte[] value) {
    out.write((field << 3) | 2);
    int length = value.length;
    while (length > 0x7f) {
      out.write((length & 0x7f) | 0x80);
      length >>>= 7;
    }
    out.write(length);
    out.writeBytes(value);
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
