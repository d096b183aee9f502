package io.carrick.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.carrick.CallCancelledException;
import io.carrick.CallException;
import io.carrick.CodecException;
import io.carrick.ConnectException;
import io.carrick.DeadlineExceededException;
import io.carrick.Delivered;
import io.carrick.EndpointException;
import io.carrick.MessagingException;
import io.carrick.NoPathException;
import io.carrick.OverloadedException;
import io.carrick.ProtocolException;
import io.carrick.SessionLostException;
import io.carrick.StatusCode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ExitCodeTest {

  static Stream<Arguments> failures() {
    return Stream.of(
        arguments(new IllegalArgumentException("x"), 2),
        arguments(new EndpointException(StatusCode.INVALID_ARGUMENT, "x", null), 2),
        arguments(new ConnectException("x", null), 3),
        arguments(new NoPathException("x", List.of()), 3),
        arguments(new SessionLostException(Delivered.MAYBE, "x", null), 3),
        arguments(new ProtocolException(Delivered.NO, "x", null), 3),
        arguments(new CallException(StatusCode.UNIMPLEMENTED, "x"), 4),
        arguments(new CallException(StatusCode.UNAVAILABLE, "x"), 4),
        arguments(new CodecException(StatusCode.INVALID_ARGUMENT, Delivered.NO, "x", null), 4),
        arguments(new OverloadedException(Delivered.NO, "x"), 4),
        arguments(new CallCancelledException(Delivered.NO, "x"), 4),
        arguments(new DeadlineExceededException(Delivered.MAYBE, "x"), 5),
        arguments(new CallException(StatusCode.DEADLINE_EXCEEDED, "x"), 5),
        arguments(new CompletionException(new ConnectException("x", null)), 3),
        arguments(new ExecutionException(new CompletionException(new IOException("x"))), 1),
        arguments(new InterruptedException(), 130),
        arguments(new IllegalStateException("x"), 1));
  }

  @ParameterizedTest
  @MethodSource("failures")
  void aFailureHasItsExitCode(Throwable failure, int expected) {
    assertThat(ExitCode.of(failure)).isEqualTo(expected);
  }

  @Test
  void everyKindOfMessagingFailureIsCovered() {
    List<Class<?>> covered = new ArrayList<>();
    failures().forEach(arguments -> covered.add(arguments.get()[0].getClass()));

    assertThat(covered).contains(MessagingException.class.getPermittedSubclasses());
  }

  @Test
  void aHandlersFailureIsDescribedWithItsCode() {
    Throwable failure = new CompletionException(new CallException(StatusCode.NOT_FOUND, "no A-17"));

    assertThat(ExitCode.describe(failure)).isEqualTo("NOT_FOUND: no A-17");
  }

  @Test
  void anErrorIsOneLine() {
    Captured captured = Captured.plain();

    captured.terminal().error("no path:\n  unix:/x  down\n  grpc://y  too weak\n");

    assertThat(captured.err())
        .isEqualTo("carrick: no path:; unix:/x  down; grpc://y  too weak" + System.lineSeparator());
  }
}
