package io.carrick.cli;

import io.carrick.Message;
import io.carrick.MessagingException;
import io.carrick.OverflowPolicy;
import io.carrick.Registration;
import io.carrick.Subscriber;
import io.carrick.Topic;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Subscribes and prints what is published. */
@Command(
    name = "subscribe",
    footerHeading = "%nExamples:%n",
    footer = {
      "  carrick subscribe -c grpc://127.0.0.1:7400 --show-topic 'news/+'",
      "  carrick subscribe --count 1 news/sea"
    },
    description = "Subscribes and prints what is published, one a line, until it is stopped.")
final class SubscribeCommand implements Callable<Integer> {

  @Mixin private CallingOptions calling = new CallingOptions();
  @Mixin private Items items = new Items();

  @Parameters(
      index = "0",
      paramLabel = "FILTER",
      description = "A topic; + stands for one level, # at the end for all below.")
  private String filter = "";

  @Option(names = "--show-topic", description = "Print the topic and a tab before each message.")
  private boolean showTopic;

  @Option(
      names = "--overflow",
      paramLabel = "POLICY",
      defaultValue = "fail",
      converter = Converters.OfOverflow.class,
      description = "When printing is too slow: fail, drop-oldest, block.")
  private OverflowPolicy overflow = OverflowPolicy.FAIL;

  private final Terminal terminal;

  SubscribeCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws Exception {
    String checked = Topic.checkFilter(filter);
    CompletableFuture<Void> done = new CompletableFuture<>();
    try (Caller caller = Caller.connected(calling)) {
      Registration registration =
          caller.await(
              caller.remote().subscribe(checked, Message.class, overflow, new Printing(done)));
      terminal.note("subscribed " + checked);
      try {
        done.get();
      } finally {
        registration.close();
      }
    } catch (ExecutionException e) {
      throw e.getCause() instanceof Exception cause ? cause : e;
    }
    return ExitCode.DONE;
  }

  private final class Printing implements Subscriber.Simple<Message> {

    private final CompletableFuture<Void> done;
    // Touched only in callbacks, which never overlap.
    private long seen;

    Printing(CompletableFuture<Void> done) {
      this.done = done;
    }

    @Override
    public void onMessage(Message message) {
      if (done.isDone()) {
        return;
      }
      if (showTopic && !items.raw) {
        terminal.out().print(message.topic() + "\t");
      }
      seen++;
      if (!items.printer(terminal).test(message) || seen == items.most()) {
        done.complete(null);
      }
    }

    @Override
    public void onGap(long missed) {
      terminal.error(
          missed < 0
              ? "the session was lost and opened again: messages may have been missed"
              : missed + " messages were dropped, printing is too slow");
    }

    @Override
    public void onEnd(MessagingException reason) {
      done.completeExceptionally(reason);
    }
  }
}
