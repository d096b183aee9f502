package io.carrick.samples;

import io.carrick.Messenger;
import io.carrick.Remote;
import java.nio.file.Files;
import java.nio.file.Path;

/** One service asks another over a Unix socket, with records as request and reply. */
public final class HelloRequestReply {

  private HelloRequestReply() {}

  /** Runs the sample. */
  public static void main(String[] args) throws Exception {
    Path directory = Files.createTempDirectory("carrick");
    String endpoint = "unix:" + directory.resolve("greeter.sock");

    try (Messenger greeter = Messenger.builder("greeter").listen(endpoint).build();
        Messenger web = Messenger.builder("web").build()) {
      greeter.handle("greet", Hello.class, hello -> new Greeting("Hello, " + hello.name() + "!"));

      Remote remote = web.connect(endpoint);
      Greeting greeting = remote.request("greet", new Hello("world"), Greeting.class).join();
      System.out.println(greeting.text());
    }
    Files.delete(directory);
  }

  record Hello(String name) {}

  record Greeting(String text) {}
}
