package io.carrick.cli;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.carrick.Messenger;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Timer;
import java.util.TimerTask;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** A page that talks to a node, and both of them. */
@Command(
    name = "browser",
    footerHeading = "%nExamples:%n",
    footer = {"  carrick browser", "  carrick browser --port 0"},
    description = {
      "Runs a node that publishes prices and hands on what is said, and a page that shows them in"
          + " a browser, until it is stopped by SIGTERM or Ctrl-C. Only this machine reaches them.",
      "The page and its client in TypeScript are in samples/browser, what they say to the node in"
          + " docs/browser.md."
    })
final class BrowserCommand implements Callable<Integer> {

  private static final Map<String, String> FILES =
      Map.of(
          "/index.html", "text/html; charset=utf-8",
          "/page.css", "text/css; charset=utf-8",
          "/client.js", "text/javascript; charset=utf-8",
          "/prices.js", "text/javascript; charset=utf-8");

  private static final long PERIOD_MILLIS = 500;

  @Option(
      names = "--port",
      paramLabel = "PORT",
      defaultValue = "7488",
      description = "The port of the page; 0 lets the system choose. ${DEFAULT-VALUE} by default.")
  private int port;

  private final Terminal terminal;

  BrowserCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    HttpServer pages =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
    int chosen = pages.getAddress().getPort();
    String origins = "origin=http://localhost:" + chosen + "&origin=http://127.0.0.1:" + chosen;
    Timer clock = new Timer("carrick-cli-prices", true);
    try (Messenger node =
        Messenger.builder("browser").listen("http://127.0.0.1:0?" + origins).build()) {
      BuiltInService.register(node);
      Prices prices = new Prices(node);
      clock.schedule(
          new TimerTask() {
            @Override
            public void run() {
              prices.move();
            }
          },
          0,
          PERIOD_MILLIS);
      String socket = node.endpoints().get(0).replaceFirst("^http", "ws") + "/v1/socket";
      pages.createContext("/", exchange -> answer(exchange, socket));
      pages.start();
      terminal.line("node " + socket);
      terminal.line("open http://localhost:" + chosen + "/");
      try {
        node.awaitClosed();
      } finally {
        clock.cancel(); // Before the node is closed.
      }
      return ExitCode.DONE;
    } finally {
      clock.cancel();
      pages.stop(0);
    }
  }

  private static void answer(HttpExchange exchange, String socket) throws IOException {
    try (exchange) {
      String asked = exchange.getRequestURI().getPath();
      String path = asked.equals("/") ? "/index.html" : asked;
      String type = FILES.get(path);
      if (type == null || !exchange.getRequestMethod().equals("GET")) {
        exchange.sendResponseHeaders(404, -1);
        return;
      }
      byte[] content = read(path, socket);
      exchange.getResponseHeaders().put("Content-Type", List.of(type));
      exchange.getResponseHeaders().put("X-Content-Type-Options", List.of("nosniff"));
      exchange.getResponseHeaders().put("Cache-Control", List.of("no-store"));
      exchange
          .getResponseHeaders()
          .put(
              "Content-Security-Policy",
              List.of(
                  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src "
                      + socket
                      + "; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"));
      exchange.sendResponseHeaders(200, content.length);
      exchange.getResponseBody().write(content);
    }
  }

  private static byte[] read(String path, String socket) throws IOException {
    try (InputStream file = BrowserCommand.class.getResourceAsStream("/browser" + path)) {
      if (file == null) {
        throw new IOException("the command was built without " + path);
      }
      byte[] content = file.readAllBytes();
      return path.equals("/index.html")
          ? new String(content, StandardCharsets.UTF_8)
              .replace("@NODE@", socket)
              .getBytes(StandardCharsets.UTF_8)
          : content;
    }
  }
}
