package io.carrick.cli;

import io.carrick.CallException;
import io.carrick.Message;
import io.carrick.StatusCode;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Prints what a service says of its topics. */
@Command(
    name = "list",
    footerHeading = "%nExamples:%n",
    footer = {"  carrick list -c grpc://127.0.0.1:7400"},
    description = {
      "Prints the topics of a service: pattern, topic, what it takes and what it gives.",
      "A service tells them if it wants to, by answering requests on " + Topics.TOPIC + "."
    })
final class ListCommand implements Callable<Integer> {

  @Mixin private CallingOptions calling = new CallingOptions();

  @Option(names = "--json", description = "Print the JSON array that the service answers.")
  private boolean json;

  private final Terminal terminal;

  ListCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws Exception {
    try (Caller caller = Caller.connected(calling)) {
      Message answer =
          caller.await(caller.remote().request(Topics.TOPIC, Message.empty(), Message.class));
      List<Topics.Entry> entries = Topics.parse(answer);
      if (json) {
        terminal.body(answer);
      } else {
        print(entries);
      }
    } catch (CallException e) {
      if (e.code() == StatusCode.UNIMPLEMENTED) {
        throw new CallException(
            StatusCode.UNIMPLEMENTED,
            "this service does not tell its topics: it would answer requests on " + Topics.TOPIC);
      }
      throw e;
    }
    return ExitCode.DONE;
  }

  private void print(List<Topics.Entry> entries) {
    int width = entries.stream().mapToInt(entry -> entry.topic().length()).max().orElse(1);
    int takes = entries.stream().mapToInt(entry -> entry.takes().length()).max().orElse(1);
    for (Topics.Entry entry : entries) {
      String row = "%-8s %-" + Math.max(1, width) + "s  %-" + Math.max(1, takes) + "s  %s";
      terminal.body(
          Message.ofText(
              String.format(
                      Locale.ROOT,
                      row,
                      entry.pattern(),
                      entry.topic(),
                      entry.takes(),
                      entry.gives().isEmpty() ? "" : "-> " + entry.gives())
                  .stripTrailing()));
    }
  }
}
