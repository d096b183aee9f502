package io.carrick.cli;

import io.carrick.Message;
import io.carrick.Topic;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Opens a stream and prints its items. */
@Command(
    name = "stream",
    footerHeading = "%nExamples:%n",
    footer = {
      "  carrick stream -c grpc://127.0.0.1:7400 carrick/count 5",
      "  carrick stream --watch --count 100 carrick/count 100000"
    },
    description = "Opens a stream and prints its items, one a line.")
final class StreamCommand implements Callable<Integer> {

  @Mixin private CallingOptions calling = new CallingOptions();
  @Mixin private BodyOptions body = new BodyOptions();
  @Mixin private Items items = new Items();

  @Option(
      names = "--watch",
      description = "Tell on standard error what happens to the path: moves, breaks, and why.")
  private boolean watch;

  private final Terminal terminal;

  StreamCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws Exception {
    String topic = Topic.check(body.topic);
    Message message = body.message(terminal.in(), calling.messageSize.bytes);
    try (Caller caller = Caller.connected(calling)) {
      if (watch) {
        terminal.note(
            "path " + caller.remote().explain().chosen().orElse("none") + " carries the stream");
        caller.remote().onPathEvent(event -> terminal.note(event.toString()));
      }
      items.print(terminal, caller.remote().stream(topic, message, Message.class));
    }
    return ExitCode.DONE;
  }
}
