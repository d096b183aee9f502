package io.carrick.cli;

import java.util.List;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.Logger;
import picocli.CommandLine.ParseResult;

/** What a command shows of the log of Carrick, and of the libraries under it. */
final class Logs {

  // Held, since the JDK forgets the level of a logger that nobody holds.
  private static final Logger CARRICK = Logger.getLogger("io.carrick");

  private static final List<Logger> LIBRARIES =
      List.of(Logger.getLogger("io.grpc"), Logger.getLogger("io.netty"));

  private Logs() {}

  /** A service shows warnings; a caller shows its one error; {@code --verbose} shows more. */
  static void configure(boolean verbose, ParseResult subcommand) {
    if (System.getProperty("java.util.logging.SimpleFormatter.format") == null) {
      System.setProperty("java.util.logging.SimpleFormatter.format", "carrick: %4$s %5$s%6$s%n");
    }
    boolean serving =
        subcommand != null && List.of("serve", "reply").contains(subcommand.commandSpec().name());
    if (serving) {
      LogLimit limit = new LogLimit(System::nanoTime);
      for (Handler handler : Logger.getLogger("").getHandlers()) {
        handler.setFilter(limit);
      }
    }
    CARRICK.setLevel(verbose ? Level.INFO : serving ? Level.WARNING : Level.OFF);
    // They warn, with a trace, of a connection that is cut while they write.
    LIBRARIES.forEach(library -> library.setLevel(verbose || serving ? null : Level.SEVERE));
  }
}
