package io.carrick.cli;

import io.carrick.Message;
import io.carrick.Topic;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Publishes messages. */
@Command(
    name = "publish",
    footerHeading = "%nExamples:%n",
    footer = {"  carrick publish -c grpc://127.0.0.1:7400 news/sea ahoy"},
    description = "Publishes a message; done when all subscriptions have it.")
final class PublishCommand implements Callable<Integer> {

  @Mixin private CallingOptions calling = new CallingOptions();
  @Mixin private BodyOptions body = new BodyOptions();
  @Mixin private Repetition repetition = new Repetition();

  private final Terminal terminal;

  PublishCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws Exception {
    String topic = Topic.check(body.topic);
    Message message = body.message(terminal.in(), calling.messageSize.bytes);
    try (Caller caller = Caller.connected(calling)) {
      repetition.run(
          terminal,
          "messages",
          () -> {
            caller.await(caller.remote().publish(topic, message));
            return true;
          });
    }
    return ExitCode.DONE;
  }
}
