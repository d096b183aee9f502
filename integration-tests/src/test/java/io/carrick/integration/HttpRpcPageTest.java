package io.carrick.integration;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.CallException;
import io.carrick.Message;
import io.carrick.Messenger;
import io.carrick.StatusCode;
import io.carrick.wire.v1.Call;
import io.carrick.wire.v1.Reply;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What docs/http.md says of Connect and gRPC-Web; what the protocols ask for is in ConformanceTest.
 */
@Timeout(30)
final class HttpRpcPageTest {

  private static final String SERVICE = "/carrick.v1.Carrick/";

  private final Messenger orders = Messenger.builder("orders").listen("http://127.0.0.1:0").build();
  private final String port = orders.endpoints().get(0);
  private final HttpClient http = HttpClient.newHttpClient();

  @BeforeEach
  void serve() {
    orders.handle("echo", Message.class, (message, call) -> message.withTopic(""));
    orders.handle(
        "fail",
        Message.class,
        (message, call) -> {
          throw new CallException(StatusCode.NOT_FOUND, "no such é", Map.of("id", "A-17"));
        });
    orders.handleStream("three", Message.class, (m, call) -> Source.of(3, n -> text("item " + n)));
  }

  @AfterEach
  void close() {
    orders.close();
  }

  private static Message text(String text) {
    return Message.ofText(text);
  }

  private HttpResponse<byte[]> post(String method, String type, byte[] body, String... headers)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(port + SERVICE + method))
            .header("Content-Type", type)
            .POST(HttpRequest.BodyPublishers.ofByteArray(body));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return http.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
  }

  private HttpResponse<byte[]> post(String method, String type, String body, String... headers)
      throws IOException, InterruptedException {
    return post(method, type, body.getBytes(StandardCharsets.UTF_8), headers);
  }

  private static String text(HttpResponse<byte[]> response) {
    return new String(response.body(), StandardCharsets.UTF_8);
  }

  private static byte[] envelope(byte[] message) {
    return ByteBuffer.allocate(5 + message.length)
        .put((byte) 0)
        .putInt(message.length)
        .put(message)
        .array();
  }

  private static String header(HttpResponse<?> response, String name) {
    return response.headers().firstValue(name).orElse("");
  }

  @Test
  void connectCallsWithCurl() throws Exception {
    Curl.Response reply =
        Curl.call(
            "-H",
            "Content-Type: application/json",
            "-d",
            "{\"topic\":\"echo\",\"contentType\":\"text/plain\",\"payload\":\"aGk=\"}",
            port + SERVICE + "Request");

    assertThat(reply.status()).isEqualTo(200);
    assertThat(reply.body()).isEqualTo("{\"contentType\":\"text/plain\",\"payload\":\"aGk=\"}");
  }

  @Test
  void connectTellsAFailureInItsJsonWithTheStatusOfTheTable() throws Exception {
    HttpResponse<byte[]> failed = post("Request", "application/json", "{\"topic\":\"fail\"}");

    assertThat(failed.statusCode()).isEqualTo(404);
    assertThat(text(failed))
        .startsWith("{\"code\":\"not_found\",\"message\":\"no such é\",\"details\":[")
        .contains("google.rpc.ErrorInfo");
    assertThat(header(failed, "trailer-carrick-delivered")).isEqualTo("yes");
  }

  @Test
  void connectHasItemsInEnvelopesAndTheirEnd() throws Exception {
    HttpResponse<byte[]> items =
        post(
            "Stream",
            "application/connect+json",
            envelope("{\"topic\":\"three\"}".getBytes(StandardCharsets.UTF_8)));

    ByteBuffer body = ByteBuffer.wrap(items.body());
    for (int i = 0; i < 3; i++) {
      assertThat(body.get()).isZero();
      byte[] item = new byte[body.getInt()];
      body.get(item);
      String payload =
          Base64.getEncoder().encodeToString(("item " + i).getBytes(StandardCharsets.UTF_8));
      assertThat(new String(item, StandardCharsets.UTF_8)).contains(payload);
    }
    assertThat(body.get()).isEqualTo((byte) 2);
    assertThat(body.getInt()).isEqualTo(2);
    assertThat(body.remaining()).isEqualTo(2); // {}
  }

  @Test
  void grpcWebHasItsTrailersInTheBodyAndMayBeText() throws Exception {
    byte[] call = Call.newBuilder().setTopic("echo").setContentType("a/b").build().toByteArray();

    HttpResponse<byte[]> binary =
        post("Request", "application/grpc-web+proto", envelope(call), "grpc-timeout", "5S");
    HttpResponse<byte[]> asText =
        post(
            "Request",
            "application/grpc-web-text",
            Base64.getEncoder().encodeToString(envelope(call)));

    ByteBuffer body = ByteBuffer.wrap(binary.body());
    assertThat(body.get()).isZero();
    byte[] reply = new byte[body.getInt()];
    body.get(reply);
    assertThat(Reply.parseFrom(reply).getContentType()).isEqualTo("a/b");
    assertThat(body.get()).isEqualTo((byte) 0x80);
    assertThat(text(binary)).endsWith("grpc-status: 0\r\n");
    assertThat(text(asText)).startsWith(Base64.getEncoder().encodeToString(envelope(reply)));
  }

  @Test
  void whatIsNotServedSoIsUnimplementedAndAnotherTypeIs415() throws Exception {
    HttpResponse<byte[]> channel = post("Channel", "application/grpc-web", envelope(new byte[0]));
    HttpResponse<byte[]> xml = post("Request", "application/xml", "<a/>");
    HttpResponse<byte[]> unknown = post("Nothing", "application/json", "{}");

    assertThat(channel.statusCode()).isEqualTo(200);
    assertThat(text(channel)).contains("grpc-status: 12\r\n");
    assertThat(xml.statusCode()).isEqualTo(415);
    assertThat(header(xml, "accept-post")).contains("application/json", "application/grpc-web");
    assertThat(unknown.statusCode()).isEqualTo(404);
    assertThat(Curl.call(port + SERVICE + "Request").status()).isEqualTo(405);
  }

  @Test
  void whatIsNoMessageIsRefused() throws Exception {
    for (String wrong :
        List.of(
            "", "[]", "{", "{\"topic\":7}", "{\"payload\":\"!\"}", "{} {}", "[".repeat(9_999))) {
      HttpResponse<byte[]> refused = post("Request", "application/json", wrong);

      assertThat(refused.statusCode()).as(wrong).isEqualTo(400);
      assertThat(text(refused)).as(wrong).contains("\"code\":\"invalid_argument\"");
    }
    assertThat(post("Request", "application/proto", "\u0007").statusCode()).isEqualTo(400);
    assertThat(post("Request", "application/json", "{}", "Connect-Timeout-Ms", "x").statusCode())
        .isEqualTo(400);
    assertThat(text(post("Request", "application/grpc-web", "\u0000\u0000")))
        .contains("grpc-status: 3");
    assertThat(post("Request", "application/grpc-web-text", "!!!!").body()).isNotEmpty();
  }

  @Test
  void aMessageThatIsTooLargeIsResourceExhausted() throws Exception {
    byte[] large = Call.newBuilder().setTopic("x".repeat(5 << 20)).build().toByteArray();

    HttpResponse<byte[]> refused = post("Request", "application/proto", large);

    assertThat(refused.statusCode()).isEqualTo(413);
  }
}
