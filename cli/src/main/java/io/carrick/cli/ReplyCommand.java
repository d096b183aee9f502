package io.carrick.cli;

import io.carrick.HandlerOptions;
import io.carrick.Message;
import io.carrick.Messenger;
import io.carrick.Topic;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Serves one topic with a text, the request itself, or what a command prints. */
@Command(
    name = "reply",
    footerHeading = "%nExamples:%n",
    footer = {
      "  carrick reply --listen grpc://127.0.0.1:7400 greet 'good day'",
      "  carrick reply --listen grpc://127.0.0.1:7400 mirror --echo",
      "  carrick reply --listen grpc://127.0.0.1:7400 count/words --command 'wc -w'"
    },
    description = {
      "Answers the requests on one topic until it is stopped: with a text, with the request, or"
          + " with what a command prints.",
      "A command is run by sh for each request: it reads the body on standard input, and finds the"
          + " topic in CARRICK_TOPIC. Nothing that a caller says becomes part of the command line."
    })
final class ReplyCommand implements Callable<Integer> {

  @Mixin private final ServingOptions serving = new ServingOptions();
  @Mixin private final ContentTypeOption contentType = new ContentTypeOption();

  @Parameters(index = "0", paramLabel = "TOPIC", description = "What to answer.")
  private String topic = "";

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "TEXT",
      description = "The answer, as it is; or else --echo or --command.")
  private Optional<String> text = Optional.empty();

  @Option(names = "--echo", description = "Answer with the request's body and content type.")
  private boolean echo;

  @Option(
      names = "--command",
      paramLabel = "COMMAND",
      description = "Answer with what this prints. An exit code that is not 0 fails the request.")
  private Optional<String> command = Optional.empty();

  @Option(
      names = "--concurrency",
      paramLabel = "N",
      defaultValue = "16",
      converter = Converters.OfConcurrency.class,
      description =
          "With --command, how many run at a time; others wait. Default: ${DEFAULT-VALUE}.")
  private int concurrency = 16;

  private final Terminal terminal;

  ReplyCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws InterruptedException {
    Topic.check(topic);
    int answers = (text.isPresent() ? 1 : 0) + (echo ? 1 : 0) + (command.isPresent() ? 1 : 0);
    if (answers != 1) {
      throw new IllegalArgumentException(
          answers + " answers are given for " + topic + ": give a TEXT, --echo or --command");
    }
    return serving.serve(terminal, this::register);
  }

  private void register(Messenger messenger) {
    if (echo) {
      messenger.handle(
          topic,
          Message.class,
          (Message request) -> Message.of(request.contentType(), request.toByteArray()));
    } else if (command.isPresent()) {
      ShellCommand shell =
          new ShellCommand(command.get(), contentType.type, serving.messageSize.bytes);
      messenger
          .with(HandlerOptions.DEFAULT.withConcurrency(concurrency))
          .handle(topic, Message.class, shell::answer);
    } else {
      byte[] body = text.orElseThrow().getBytes(StandardCharsets.UTF_8);
      messenger.handle(
          topic, Message.class, (Message request) -> Message.of(contentType.type, body));
    }
    Topics.of(new Topics.Entry(topic, "request", "any", echo ? "the same" : contentType.type))
        .register(messenger);
  }
}
