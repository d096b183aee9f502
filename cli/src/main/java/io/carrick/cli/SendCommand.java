package io.carrick.cli;

import io.carrick.Message;
import io.carrick.Topic;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Sends one-way messages. */
@Command(
    name = "send",
    footerHeading = "%nExamples:%n",
    footer = {"  carrick send -c grpc://127.0.0.1:7400 carrick/echo hello"},
    description = "Sends a one-way message; done when the service has taken it.")
final class SendCommand implements Callable<Integer> {

  @Mixin private CallingOptions calling = new CallingOptions();
  @Mixin private BodyOptions body = new BodyOptions();
  @Mixin private Repetition repetition = new Repetition();

  private final Terminal terminal;

  SendCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws Exception {
    String topic = Topic.check(body.topic);
    Message message = body.message(terminal.in(), calling.messageSize.bytes);
    try (Caller caller = Caller.connected(calling)) {
      repetition.run(
          terminal,
          "sends",
          () -> {
            caller.await(caller.remote().send(topic, message));
            return true;
          });
    }
    return ExitCode.DONE;
  }
}
