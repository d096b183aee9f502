package io.carrick.edge.http;

import io.carrick.StatusCode;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/** The description of the calls of docs/http.md, which is the same for each node. */
final class OpenApi {

  static final String PATH = "/v1/openapi.json";

  private static final String FILE = "openapi.json";

  private OpenApi() {}

  /** What is answered to a request of it. */
  static Answer answer(HttpMethod method) {
    return method.equals(HttpMethod.GET) || method.equals(HttpMethod.HEAD)
        ? Answer.of(200, "application/json", Text.BYTES)
        : Problems.refusal(405, StatusCode.UNIMPLEMENTED, "openapi.json is read by GET")
            .with(HttpHeaderNames.ALLOW, "GET, HEAD");
  }

  /** Read when somebody asks for it. */
  private static final class Text {

    static final byte[] BYTES = read();

    private static byte[] read() {
      try (InputStream in = OpenApi.class.getResourceAsStream(FILE)) {
        if (in == null) {
          throw new IOException(FILE + " is not in the jar of edge-http");
        }
        return in.readAllBytes();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
