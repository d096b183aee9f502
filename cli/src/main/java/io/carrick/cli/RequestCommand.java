package io.carrick.cli;

import io.carrick.Message;
import io.carrick.Topic;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Makes requests and prints the replies. */
@Command(
    name = "request",
    footerHeading = "%nExamples:%n",
    footer = {
      "  carrick request -c grpc://127.0.0.1:7400 carrick/echo hello",
      "  carrick request --content-type application/json orders/find - < query"
    },
    description = "Makes a request and prints the reply.")
final class RequestCommand implements Callable<Integer> {

  @Mixin private CallingOptions calling = new CallingOptions();
  @Mixin private BodyOptions body = new BodyOptions();
  @Mixin private Repetition repetition = new Repetition();

  @Option(names = "--raw", description = "Print the bytes of the reply as they are, nothing else.")
  private boolean raw;

  private final Terminal terminal;

  RequestCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws Exception {
    String topic = Topic.check(body.topic);
    Message message = body.message(terminal.in(), calling.messageSize.bytes);
    try (Caller caller = Caller.connected(calling)) {
      repetition.run(
          terminal,
          "requests",
          () -> {
            Message reply = caller.await(caller.remote().request(topic, message, Message.class));
            return raw ? terminal.raw(reply) : terminal.body(reply);
          });
    }
    return ExitCode.DONE;
  }
}
