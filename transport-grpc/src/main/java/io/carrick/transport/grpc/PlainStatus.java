package io.carrick.transport.grpc;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import io.carrick.transport.support.edge.EdgeFailure;
import io.grpc.Metadata;
import io.grpc.Status;
import java.util.Locale;

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

  /** What a caller is told of a failure. */
  static PlainStatus of(Throwable thrown) {
    return of(EdgeFailure.of(thrown));
  }

  static PlainStatus of(EdgeFailure e) {
    String message = e.shortMessage(MAX_MESSAGE_BYTES);
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
  private static byte[] details(EdgeFailure e, String message) {
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
}
