package io.carrick.integration;

import static java.util.concurrent.TimeUnit.SECONDS;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;

/** A client of docs/browser.md: text in, text out, by the WebSocket of the JDK. */
final class JsonSocketClient implements WebSocket.Listener, AutoCloseable {

  private static final HttpClient CLIENT = HttpClient.newHttpClient();

  private final BlockingQueue<String> come = new LinkedBlockingQueue<>();
  private final CompletableFuture<String> closed = new CompletableFuture<>();
  private final StringBuilder text = new StringBuilder();
  private @Nullable WebSocket socket;

  private JsonSocketClient() {}

  /** Opens a socket that has said nothing yet. */
  static JsonSocketClient open(String port, String... headers) throws Exception {
    return open(CLIENT, port, headers);
  }

  /** The same by a client of its own, which may have TLS. */
  static JsonSocketClient open(HttpClient by, String port, String... headers) throws Exception {
    JsonSocketClient client = new JsonSocketClient();
    WebSocket.Builder builder = by.newWebSocketBuilder().subprotocols("carrick.json.v1");
    for (int i = 0; i < headers.length; i += 2) {
      builder.header(headers[i], headers[i + 1]);
    }
    client.socket =
        builder
            .buildAsync(URI.create(port.replaceFirst("^http", "ws") + "/v1/socket"), client)
            .get(20, SECONDS);
    return client;
  }

  /** Opens a socket, and says hello. */
  static JsonSocketClient welcome(String port) throws Exception {
    JsonSocketClient client = open(port);
    client.say("{'t':'hello'}");
    client.next();
    return client;
  }

  WebSocket socket() {
    return Objects.requireNonNull(socket);
  }

  /** Says a message, in which apostrophes stand for quotation marks. */
  void say(String message) throws Exception {
    socket().sendText(message.replace('\'', '"'), true).get(20, SECONDS);
  }

  /** The next message, with apostrophes for quotation marks. */
  String next() throws InterruptedException {
    String message = come.poll(20, SECONDS);
    return message == null ? "nothing; closed: " + closed : message.replace('"', '\'');
  }

  /** How it was closed: code and reason. */
  String closed() throws Exception {
    return closed.get(20, SECONDS);
  }

  boolean isSilent() {
    return come.isEmpty();
  }

  @Override
  public CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
    text.append(data);
    if (last) {
      come.add(text.toString());
      text.setLength(0);
    }
    from.request(1);
    return CompletableFuture.completedFuture(null);
  }

  @Override
  public CompletionStage<?> onClose(WebSocket from, int statusCode, String reason) {
    closed.complete(statusCode + " " + reason);
    return CompletableFuture.completedFuture(null);
  }

  @Override
  public void onError(WebSocket from, Throwable error) {
    closed.complete(String.valueOf(error));
  }

  @Override
  public void close() {
    socket().abort();
  }
}
