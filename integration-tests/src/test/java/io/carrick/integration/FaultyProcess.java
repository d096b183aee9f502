package io.carrick.integration;

import io.carrick.HandlerOptions;
import io.carrick.Messenger;
import io.carrick.OverflowPolicy;
import io.carrick.Remote;
import java.io.File;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;

/** A process that is killed: a server that writes down what reaches it, or a busy client. */
final class FaultyProcess {

  private FaultyProcess() {}

  /** Arguments: {@code server} or {@code client}, the endpoint, for a server a file for its log. */
  public static void main(String[] args) throws Exception {
    if (args[0].equals("server")) {
      serve(args[1], args[2]);
    } else {
      call(args[1]);
    }
  }

  private static void serve(String endpoint, String logFile) throws Exception {
    try (FileOutputStream log = new FileOutputStream(logFile, true);
        Messenger server = Messenger.builder("server").listen(endpoint).build()) {
      server.handle("test/echo", String.class, text -> text);
      server.handleAsync(
          "test/never", String.class, (text, call) -> new CompletableFuture<String>());
      server.handleAsync(
          "test/second-life", String.class, (text, call) -> secondLife(logFile, text));
      server.handleStream("test/count", String.class, text -> Source.endless());
      // One write for each, so that a killed process has written whole lines only.
      server
          .with(HandlerOptions.nonBlocking())
          .handleSend(
              "test/log",
              Integer.class,
              n -> log.write((n + "\n").getBytes(StandardCharsets.US_ASCII)));
      server.handle("test/logged", Integer.class, n -> logged(log, n));
      System.out.println("ready");
      ChildJvm.awaitParent();
    }
  }

  private static int logged(FileOutputStream log, int n) {
    try {
      log.write((n + "\n").getBytes(StandardCharsets.US_ASCII));
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
    return n;
  }

  /** Answers unless it is the first process that was asked. */
  private static CompletableFuture<String> secondLife(String logFile, String text)
      throws IOException {
    if (!new File(logFile + ".asked").createNewFile()) {
      return CompletableFuture.completedFuture(text);
    }
    System.out.println("the first life was asked");
    return new CompletableFuture<>();
  }

  private static void call(String endpoint) throws Exception {
    try (Messenger client = Messenger.builder("client").build()) {
      Remote remote = client.connect(endpoint);
      remote
          .subscribe(
              "news",
              String.class,
              OverflowPolicy.BLOCK,
              text -> {
                System.out.println("news");
                ChildJvm.awaitParent();
              })
          .get();
      remote.stream("test/count", "x", Long.class).subscribe(Items.asking(100));
      remote.channel("test/sum", Source.endless(), Long.class).subscribe(Items.asking(100));
      client.handleAsync(
          "client/never", String.class, (text, call) -> new CompletableFuture<String>());
      remote.request("test/never", "x", String.class);
      System.out.println("ready");
      ChildJvm.awaitParent();
    }
  }
}
