package io.carrick.integration;

import io.carrick.Messenger;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** A process whose {@code main} returns at once, with a messenger that nobody has closed. */
final class ReturningMain {

  private ReturningMain() {}

  /** Takes whether the messenger is a daemon, and what it listens on, if anything; or "pair". */
  public static void main(String[] args) throws Exception {
    if (args[0].equals("pair")) {
      System.out.println("main returns after " + Messenger.inMemory().server().service());
      return;
    }
    Messenger.Builder builder =
        Messenger.builder("returning").daemon(Boolean.parseBoolean(args[0]));
    if (args.length > 1) {
      builder.listen(args[1]);
    }
    CompletableFuture<Messenger> built = new CompletableFuture<>();
    Thread daemon = new Thread(() -> built.complete(builder.build()));
    daemon.setDaemon(true);
    daemon.start();
    Messenger messenger = built.get(20, TimeUnit.SECONDS);
    messenger.handle("echo", String.class, text -> text);
    messenger.handle("close", String.class, text -> closeElsewhere(messenger));
    messenger.handle(
        "drain",
        String.class,
        text -> {
          var unused = messenger.drain(Duration.ofSeconds(10));
          return "draining";
        });
    messenger.closed().thenRun(ReturningMain::endSlowly);
    Runtime.getRuntime().addShutdownHook(new Thread(() -> System.out.println("ending")));
    System.out.println("main returns");
  }

  /** Takes so long that a process which does not wait for it has ended. */
  private static void endSlowly() {
    LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(1));
    System.out.println("closed");
  }

  private static String closeElsewhere(Messenger messenger) {
    Thread closer = new Thread(messenger::close, "closer");
    // It does not keep the process itself.
    closer.setDaemon(true);
    closer.start();
    return "closing";
  }
}
