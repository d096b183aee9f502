package io.carrick.cli;

import io.carrick.Message;
import io.carrick.Topic;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Opens a channel, sends values and prints the items that come back. */
@Command(
    name = "channel",
    footerHeading = "%nExamples:%n",
    footer = {
      "  carrick channel -c grpc://127.0.0.1:7400 carrick/sum 1 2 39",
      "  carrick channel -c grpc://127.0.0.1:7400 carrick/sum -"
    },
    description = "Opens a channel, sends values and prints what comes back, one a line.")
final class ChannelCommand implements Callable<Integer> {

  @Mixin private CallingOptions calling = new CallingOptions();
  @Mixin private Items items = new Items();
  @Mixin private ContentTypeOption contentType = new ContentTypeOption();

  @Parameters(index = "0", paramLabel = "TOPIC", description = "Where the channel goes.")
  private String topic = "";

  @Parameters(
      index = "1..*",
      paramLabel = "VALUE",
      description = "The values; default, and for -: the lines of standard input.")
  private List<String> values = List.of();

  private final Terminal terminal;

  ChannelCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws Exception {
    String checked = Topic.check(topic);
    // A thread of its own, since reading the standard input blocks; the publisher has at most one
    // task waiting.
    ExecutorService reader =
        new ThreadPoolExecutor(
            1,
            1,
            0,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(1),
            task -> {
              Thread thread = new Thread(task, "carrick-cli-input");
              thread.setDaemon(true);
              return thread;
            });
    try (Caller caller = Caller.connected(calling)) {
      var outgoing = new IteratorPublisher<>(this::messages, reader);
      items.print(terminal, caller.remote().channel(checked, outgoing, Message.class));
    } finally {
      reader.shutdownNow();
    }
    return ExitCode.DONE;
  }

  private Iterator<Message> messages() {
    boolean fromInput = values.isEmpty() || values.equals(List.of("-"));
    Iterator<byte[]> bodies =
        fromInput
            ? new Lines(terminal.in(), calling.messageSize.bytes)
            : values.stream().map(value -> value.getBytes(StandardCharsets.UTF_8)).iterator();
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return bodies.hasNext();
      }

      @Override
      public Message next() {
        return Message.of(contentType.type, bodies.next());
      }
    };
  }
}
