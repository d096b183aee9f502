package io.carrick.cli;

import io.carrick.CallCancelledException;
import io.carrick.CallException;
import io.carrick.CodecException;
import io.carrick.ConnectException;
import io.carrick.EndpointException;
import io.carrick.MessagingException;
import io.carrick.NoPathException;
import io.carrick.OverloadedException;
import io.carrick.ProtocolException;
import io.carrick.SessionLostException;
import io.carrick.StatusCode;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;

/** The exit codes, and which failure ends in which. */
final class ExitCode {

  static final int DONE = 0;
  static final int FAILED = 1;
  static final int USAGE = 2;
  static final int NO_ANSWER = 3;
  static final int HANDLER_FAILED = 4;
  static final int DEADLINE = 5;
  static final int OUTPUT_LOST = 6;

  /** 128 and the number of SIGINT, as shells have it. */
  static final int INTERRUPTED = 130;

  private ExitCode() {}

  /** The exit code of a failure. */
  static int of(Throwable failure) {
    Throwable e = unwrapped(failure);
    if (e instanceof InterruptedException) {
      return INTERRUPTED;
    }
    if (e instanceof MessagingException m && m.code() == StatusCode.DEADLINE_EXCEEDED) {
      return DEADLINE;
    }
    if (e instanceof ConnectException
        || e instanceof NoPathException
        || e instanceof SessionLostException
        || e instanceof ProtocolException) {
      return NO_ANSWER;
    }
    if (e instanceof CallException
        || e instanceof CodecException
        || e instanceof OverloadedException
        || e instanceof CallCancelledException) {
      return HANDLER_FAILED;
    }
    return e instanceof EndpointException || e instanceof IllegalArgumentException ? USAGE : FAILED;
  }

  /** The failure in one line. */
  static String describe(Throwable failure) {
    Throwable e = unwrapped(failure);
    String message = Faults.inFlags(String.valueOf(e.getMessage()));
    if (e instanceof CallException call) {
      return call.code() + ": " + message;
    }
    return e instanceof MessagingException || e instanceof IllegalArgumentException
        ? message
        : e.getClass().getSimpleName() + ": " + message + " (--verbose shows where)";
  }

  private static Throwable unwrapped(Throwable failure) {
    Throwable e = failure;
    while ((e instanceof CompletionException || e instanceof ExecutionException)
        && e.getCause() != null) {
      e = e.getCause();
    }
    return e;
  }
}
