package io.carrick.transport.grpc;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import io.carrick.CallException;
import io.carrick.Delivered;
import io.carrick.MessagingException;
import io.carrick.StatusCode;
import io.grpc.Metadata;
import io.grpc.Status;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;

/**
 * A failure as gRPC tells it: the status, {@code carrick-delivered} and {@code carrick-retry} in
 * the trailers, and details as google.rpc.Status with an ErrorInfo.
 */
record PlainStatus(Status status, Metadata trailers) {

  static final Metadata.Key<String> DELIVERED =
      Metadata.Key.of("carrick-delivered", Metadata.ASCII_STRING_MARSHALLER);
  static final Metadata.Key<String> RETRY =
      Metadata.Key.of("carrick-retry", Metadata.ASCII_STRING_MARSHALLER);
  static final Metadata.Key<byte[]> DETAILS =
      Metadata.Key.of("grpc-status-details-bin", Metadata.BINARY_BYTE_MARSHALLER);

  /** With its percent signs a message has thrice the bytes; clients take 8 KiB of trailers. */
  private static final int MAX_MESSAGE_BYTES = 1_024;

  private static final int MAX_DETAILS_BYTES = 3_072;

  private static final System.Logger LOG = System.getLogger(PlainStatus.class.getName());

  /** What a caller is told of a failure. */
  static PlainStatus of(Throwable thrown) {
    return of(messaging(thrown));
  }

  /** A failure in words that a caller may read. */
  static MessagingException messaging(Throwable thrown) {
    Throwable cause = unwrap(thrown);
    if (cause instanceof MessagingException e) {
      return e;
    }
    if (cause instanceof CancellationException) {
      return refusal(StatusCode.CANCELLED, "the call was cancelled");
    }
    LOG.log(System.Logger.Level.WARNING, "A plain gRPC call failed", cause);
    return new CallException(
        StatusCode.INTERNAL,
        Delivered.MAYBE,
        "the call failed (" + cause.getClass().getSimpleName() + "): see the service's log",
        Map.of(),
        null);
  }

  private static PlainStatus of(MessagingException e) {
    String message = shortened(String.valueOf(e.getMessage()));
    Metadata trailers = new Metadata();
    trailers.put(DELIVERED, e.delivered().name().toLowerCase(Locale.ROOT));
    trailers.put(RETRY, e.retrySafe() ? "safe" : "unsafe");
    byte[] details = details(e, message);
    if (details.length <= MAX_DETAILS_BYTES) {
      trailers.put(DETAILS, details);
    }
    return new PlainStatus(
        Status.fromCodeValue(e.code().number()).withDescription(message), trailers);
  }

  /**
   * The failure as google.rpc.Status with a google.rpc.ErrorInfo. Written by the numbers of their
   * fields, because the jar of their classes is no module with a name of its own.
   */
  private static byte[] details(MessagingException e, String message) {
    UnknownFieldSet.Builder info =
        UnknownFieldSet.newBuilder()
            .addField(1, text(e.code().name()))
            .addField(2, text(SessionMethod.SERVICE));
    UnknownFieldSet.Field.Builder entries = UnknownFieldSet.Field.newBuilder();
    e.details()
        .forEach(
            (name, value) ->
                entries.addLengthDelimited(
                    UnknownFieldSet.newBuilder()
                        .addField(1, text(name))
                        .addField(2, text(value))
                        .build()
                        .toByteString()));
    Any packed =
        Any.newBuilder()
            .setTypeUrl("type.googleapis.com/google.rpc.ErrorInfo")
            .setValue(info.addField(3, entries.build()).build().toByteString())
            .build();
    return UnknownFieldSet.newBuilder()
        .addField(1, UnknownFieldSet.Field.newBuilder().addVarint(e.code().number()).build())
        .addField(2, text(message))
        .addField(
            3, UnknownFieldSet.Field.newBuilder().addLengthDelimited(packed.toByteString()).build())
        .build()
        .toByteArray();
  }

  private static UnknownFieldSet.Field text(String value) {
    return UnknownFieldSet.Field.newBuilder()
        .addLengthDelimited(ByteString.copyFromUtf8(value))
        .build();
  }

  /** A refusal of this edge: nobody saw the call. */
  static MessagingException refusal(StatusCode code, String message) {
    return new CallException(code, Delivered.NO, message, Map.of(), null);
  }

  /** What a call is told whose message is none. */
  static MessagingException malformed(IllegalArgumentException e) {
    return refusal(StatusCode.INVALID_ARGUMENT, String.valueOf(e.getMessage()));
  }

  private static String shortened(String message) {
    byte[] bytes = message.getBytes(StandardCharsets.UTF_8);
    if (bytes.length <= MAX_MESSAGE_BYTES) {
      return message;
    }
    int end = MAX_MESSAGE_BYTES - 3;
    while ((bytes[end] & 0xC0) == 0x80) {
      end--;
    }
    return new String(bytes, 0, end, StandardCharsets.UTF_8) + "...";
  }

  private static Throwable unwrap(Throwable thrown) {
    Throwable cause = thrown;
    while ((cause instanceof CompletionException || cause instanceof ExecutionException)
        && cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause;
  }
}
