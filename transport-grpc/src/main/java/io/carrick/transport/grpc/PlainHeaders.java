package io.carrick.transport.grpc;

import io.carrick.Headers;
import io.carrick.transport.support.edge.EdgeHeaders;
import io.carrick.wire.v1.Header;
import io.grpc.Metadata;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.TreeSet;

/**
 * Headers as metadata and protobuf have them. Metadata becomes headers of the same names; binary
 * values ({@code -bin}) become Base64. What speaks of the call rather than of the message does not.
 */
final class PlainHeaders {

  private static final Metadata.Key<String> AUTHORIZATION =
      Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

  private PlainHeaders() {}

  /**
   * The bearer token of a call (RFC 6750); empty where it has none.
   *
   * @throws io.carrick.MessagingException if it has several
   */
  static String bearer(Metadata metadata) {
    Iterable<String> values = metadata.getAll(AUTHORIZATION);
    return values == null ? "" : EdgeHeaders.bearer(values);
  }

  /**
   * The headers that a caller's metadata stands for, by name.
   *
   * @throws IllegalArgumentException if they are no headers
   */
  static List<Headers.Entry> of(Metadata metadata) {
    List<Headers.Entry> entries = new ArrayList<>();
    for (String name : new TreeSet<>(metadata.keys())) {
      if (EdgeHeaders.isOfTheCall(name) || name.startsWith("grpc-")) {
        continue;
      }
      if (name.endsWith(Metadata.BINARY_HEADER_SUFFIX)) {
        addBinary(entries, metadata, name);
      } else {
        addText(entries, metadata, name);
      }
    }
    return entries;
  }

  private static void addText(List<Headers.Entry> entries, Metadata metadata, String name) {
    Iterable<String> values =
        metadata.getAll(Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER));
    if (values != null) {
      values.forEach(value -> entries.add(new Headers.Entry(name, value)));
    }
  }

  private static void addBinary(List<Headers.Entry> entries, Metadata metadata, String name) {
    Iterable<byte[]> values =
        metadata.getAll(Metadata.Key.of(name, Metadata.BINARY_BYTE_MARSHALLER));
    if (values != null) {
      Base64.Encoder base64 = Base64.getEncoder();
      values.forEach(value -> entries.add(new Headers.Entry(name, base64.encodeToString(value))));
    }
  }

  /**
   * The headers of a message, and behind them those of its call.
   *
   * @throws IllegalArgumentException if they are no headers, or too many
   */
  static Headers of(List<Header> own, List<Headers.Entry> more) {
    List<Headers.Entry> entries = new ArrayList<>(own.size() + more.size());
    own.forEach(header -> entries.add(new Headers.Entry(header.getName(), header.getValue())));
    entries.addAll(more);
    return Headers.of(entries);
  }

  /** Headers as protobuf has them. */
  static List<Header> of(Headers headers) {
    return headers.entries().stream()
        .map(e -> Header.newBuilder().setName(e.name()).setValue(e.value()).build())
        .toList();
  }
}
