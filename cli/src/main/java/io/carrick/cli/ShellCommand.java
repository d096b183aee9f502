package io.carrick.cli;

import io.carrick.Call;
import io.carrick.CallException;
import io.carrick.Message;
import io.carrick.StatusCode;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.ProcessBuilder.Redirect;
import java.lang.System.Logger.Level;

/** Answers requests with what a command prints, run by {@code sh} once for each. */
final class ShellCommand {

  private static final System.Logger LOG = System.getLogger("io.carrick.cli");

  private final String command;
  private final String contentType;
  private final int maxBytes;

  ShellCommand(String command, String contentType, int maxBytes) {
    this.command = command;
    this.contentType = contentType;
    this.maxBytes = maxBytes;
  }

  /** Runs it with the body as its input; it is killed when the call is cancelled. */
  Message answer(Message request, Call call) throws IOException, InterruptedException {
    ProcessBuilder builder =
        new ProcessBuilder("sh", "-c", command).redirectError(Redirect.INHERIT);
    builder.environment().put("CARRICK_TOPIC", call.message().topic());
    Process process = builder.start();
    try {
      call.onCancel(() -> kill(process));
      feed(process, request);
      byte[] printed = process.getInputStream().readNBytes(maxBytes + 1);
      if (printed.length > maxBytes) {
        throw new CallException(
            StatusCode.RESOURCE_EXHAUSTED,
            "the command printed more than the " + maxBytes + " bytes that a message may have");
      }
      int exitCode = process.waitFor();
      if (exitCode != 0) {
        throw new CallException(StatusCode.UNKNOWN, "the command ended with exit code " + exitCode);
      }
      return Message.of(contentType, printed);
    } finally {
      kill(process);
    }
  }

  // On a thread of its own, since a command may print before it has read everything.
  private static void feed(Process process, Message request) {
    Thread feeder =
        new Thread(
            () -> {
              try (OutputStream input = process.getOutputStream()) {
                input.write(request.toByteArray());
              } catch (IOException e) {
                LOG.log(Level.DEBUG, "a command did not read all of its input", e);
              }
            },
            "carrick-cli-command");
    feeder.setDaemon(true);
    feeder.start();
  }

  private static void kill(Process process) {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
  }
}
