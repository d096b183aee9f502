package io.carrick.edge.http;

import io.netty.handler.codec.http.HttpHeaders;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** The Connect protocol where there are items. */
final class ConnectStreamDialect extends EnvelopeDialect {

  private static final int END = 2;

  ConnectStreamDialect(RpcMethod method, HttpHeaders headers, String contentType) {
    super(method, headers, contentType);
  }

  @Override
  byte[] last(RpcMethod.@Nullable Status failed, HttpHeaders trailers) {
    JsonText end = new JsonText();
    if (failed != null) {
      end.putJson("error", RpcErrors.json(failed));
    }
    if (!trailers.isEmpty()) {
      end.putJson("metadata", metadata(trailers));
    }
    return RpcEnvelope.of(END, end.end().getBytes(StandardCharsets.UTF_8));
  }

  private static String metadata(HttpHeaders trailers) {
    JsonText metadata = new JsonText();
    for (String name : trailers.names()) {
      StringBuilder values = new StringBuilder("[");
      for (String value : trailers.getAll(name)) {
        values.append(values.length() > 1 ? "," : "");
        JsonText.quote(values, value);
      }
      metadata.putJson(name, values.append(']').toString());
    }
    return metadata.end();
  }
}
