package io.carrick.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Runs a service until it is told to stop. */
@Command(
    name = "serve",
    footerHeading = "%nExamples:%n",
    footer = {
      "  carrick serve --listen unix:/run/user/1000/carrick.sock",
      "  carrick serve --listen grpc://127.0.0.1:7400 --access-log"
    },
    description = {
      "Runs a service until it is stopped by SIGTERM or Ctrl-C.",
      "It serves carrick/echo, carrick/count, carrick/sum, carrick/info, carrick/ping and"
          + " carrick/topics, and gives what is published to all who subscribed."
    })
final class ServeCommand implements Callable<Integer> {

  @Mixin private final ServingOptions serving = new ServingOptions();

  private final Terminal terminal;

  ServeCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws InterruptedException {
    return serving.serve(terminal, BuiltInService::register);
  }
}
