package io.carrick.cli;

import io.carrick.Message;
import io.carrick.Topic;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Opens a stream and prints its items. */
@Command(name = "stream", description = "Opens a stream and prints its items, one a line.")
final class StreamCommand implements Callable<Integer> {

  @Mixin private CallingOptions calling = new CallingOptions();
  @Mixin private BodyOptions body = new BodyOptions();
  @Mixin private Items items = new Items();

  private final Terminal terminal;

  StreamCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws Exception {
    items.check();
    String topic = Topic.check(body.topic);
    Message message = body.message(terminal.in(), calling.maxMessageBytes);
    try (Caller caller = Caller.connected(calling)) {
      items.print(terminal, caller.remote().stream(topic, message, Message.class));
    }
    return ExitCode.DONE;
  }
}
