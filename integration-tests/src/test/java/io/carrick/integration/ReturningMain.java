package io.carrick.integration;

import io.carrick.Messenger;
import java.time.Duration;

/** A process whose {@code main} returns at once, with a messenger that nobody has closed. */
final class ReturningMain {

  private ReturningMain() {}

  /** Takes whether the messenger is a daemon, and what it listens on, if anything; or "pair". */
  public static void main(String[] args) {
    if (args[0].equals("pair")) {
      System.out.println("main returns after " + Messenger.inMemory().server().service());
      return;
    }
    Messenger.Builder builder =
        Messenger.builder("returning").daemon(Boolean.parseBoolean(args[0]));
    if (args.length > 1) {
      builder.listen(args[1]);
    }
    Messenger messenger = builder.build();
    messenger.handle("echo", String.class, text -> text);
    messenger.handle("close", String.class, text -> closeElsewhere(messenger));
    messenger.handle(
        "drain",
        String.class,
        text -> {
          var unused = messenger.drain(Duration.ofSeconds(10));
          return "draining";
        });
    messenger.closed().thenRun(() -> System.out.println("closed"));
    Runtime.getRuntime().addShutdownHook(new Thread(() -> System.out.println("ending")));
    System.out.println("main returns");
  }

  private static String closeElsewhere(Messenger messenger) {
    Thread closer = new Thread(messenger::close, "closer");
    // It does not keep the process itself.
    closer.setDaemon(true);
    closer.start();
    return "closing";
  }
}
