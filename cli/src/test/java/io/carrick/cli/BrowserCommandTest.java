package io.carrick.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.cli.Processes.Running;
import io.carrick.testkit.Await;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What `carrick browser` shows to whoever opens its page. */
@Timeout(120)
class BrowserCommandTest {

  private static final HttpClient CLIENT = HttpClient.newHttpClient();

  @TempDir(factory = ShortDirectory.class)
  Path directory;

  private static String line(Running running, String beginning) {
    try {
      return Files.readString(running.out())
          .lines()
          .filter(line -> line.startsWith(beginning))
          .findFirst()
          .orElse("");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static HttpResponse<String> get(String url) throws Exception {
    return CLIENT.send(
        HttpRequest.newBuilder(URI.create(url)).build(), HttpResponse.BodyHandlers.ofString());
  }

  @Test
  void thePageIsServedAndItsPricesCome() throws Exception {
    Running running = new Processes(directory).start(new byte[0], "browser", "--port", "0");
    try {
      Await.until("the page", () -> !line(running, "open ").isEmpty());
      String page = line(running, "open ").substring("open ".length());
      String node = line(running, "node ").substring("node ".length());

      HttpResponse<String> html = get(page);

      assertThat(html.statusCode()).isEqualTo(200);
      assertThat(html.body()).contains(node, "prices.js").doesNotContain("@NODE@");
      assertThat(html.headers().firstValue("content-security-policy").orElse(""))
          .contains("script-src 'self'", "connect-src " + node);
      assertThat(get(page + "client.js").body()).contains("class CarrickClient");
      assertThat(get(page + "prices.js").body()).contains("price/#");
      assertThat(get(page + "page.css").statusCode()).isEqualTo(200);
      assertThat(get(page + "../cli/pom.xml").statusCode()).isEqualTo(404);
      assertThat(prices(node, page.substring(0, page.length() - 1)))
          .contains("\"topic\":\"price/", "cents");
    } finally {
      running.stop();
    }
  }

  /** The first message of a subscription to prices. */
  private static String prices(String node, String origin) throws Exception {
    CompletableFuture<String> item = new CompletableFuture<>();
    WebSocket.Listener listener =
        new WebSocket.Listener() {
          @Override
          public CompletionStage<?> onText(WebSocket socket, CharSequence text, boolean last) {
            String message = text.toString();
            if (message.contains("\"welcome\"")) {
              socket.sendText(
                  "{\"t\":\"open\",\"x\":1,\"kind\":\"subscribe\",\"topic\":\"price/#\",\"items\":1}",
                  true);
            } else if (message.contains("\"item\"")) {
              item.complete(message);
            }
            socket.request(1);
            return CompletableFuture.completedFuture(null);
          }
        };
    WebSocket socket =
        CLIENT
            .newWebSocketBuilder()
            .subprotocols("carrick.json.v1")
            .header("Origin", origin)
            .buildAsync(URI.create(node), listener)
            .get(30, TimeUnit.SECONDS);
    socket.sendText("{\"t\":\"hello\"}", true);
    try {
      return item.get(30, TimeUnit.SECONDS);
    } finally {
      socket.abort();
    }
  }
}
