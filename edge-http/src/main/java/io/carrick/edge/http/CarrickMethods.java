package io.carrick.edge.http;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnsafeByteOperations;
import io.carrick.Headers;
import io.carrick.Message;
import io.carrick.transport.support.edge.EdgeFailure;
import io.carrick.wire.v1.Call;
import io.carrick.wire.v1.Header;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The plain methods of wire.proto, whose messages are Call, Reply and Done. */
record CarrickMethods(Kind kind) implements RpcMethod {

  static final RpcService SERVICE =
      new RpcService(
          "carrick.v1.Carrick",
          Map.of(
              "Request", new CarrickMethods(Kind.REQUEST),
              "Send", new CarrickMethods(Kind.SEND),
              "Publish", new CarrickMethods(Kind.PUBLISH),
              "Stream", new CarrickMethods(Kind.STREAM),
              "Subscribe", new CarrickMethods(Kind.SUBSCRIBE)),
          Set.of("Session", "Channel", "Serve"));

  private static final int MOST_MESSAGE_BYTES = 1_024;
  private static final int MOST_DETAIL_BYTES = 3_072;
  private static final byte[] NOTHING = {};
  private static final byte[] NO_MEMBERS = {'{', '}'};

  @Override
  public Message message(HttpHeaders headers, byte[] body, boolean json) {
    Call call = json ? CallJson.read(body) : parse(body);
    List<Headers.Entry> entries = new ArrayList<>();
    for (Header each : call.getHeadersList()) {
      entries.add(new Headers.Entry(each.getName(), each.getValue()));
    }
    entries.addAll(RestHeaders.of(headers).entries());
    return Message.wrap(
        call.getTopic(),
        Headers.of(entries),
        MediaTypes.checked(call.getContentType()),
        call.getPayload().toByteArray());
  }

  private static Call parse(byte[] body) {
    try {
      return Call.parseFrom(body);
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalArgumentException(
          "the body is no carrick.v1.Call: use stubs made of wire.proto", e);
    }
  }

  @Override
  public Reply reply(Message message, boolean json) {
    return new Reply(new DefaultHttpHeaders(), body(message, json), new DefaultHttpHeaders());
  }

  private byte[] body(Message message, boolean json) {
    if (kind == Kind.SEND || kind == Kind.PUBLISH) {
      return json ? NO_MEMBERS : NOTHING;
    }
    return json ? json(message) : reply(message).toByteArray();
  }

  private static io.carrick.wire.v1.Reply reply(Message message) {
    io.carrick.wire.v1.Reply.Builder reply =
        io.carrick.wire.v1.Reply.newBuilder()
            .setTopic(message.topic())
            .setContentType(message.contentType())
            .setPayload(UnsafeByteOperations.unsafeWrap(message.sharedBytes()));
    for (Headers.Entry each : message.headers().entries()) {
      reply.addHeaders(Header.newBuilder().setName(each.name()).setValue(each.value()));
    }
    return reply.build();
  }

  /** As Protocol Buffers map it: what is empty is left away. */
  private static byte[] json(Message message) {
    JsonText json = new JsonText();
    if (!message.topic().isEmpty()) {
      json.put("topic", message.topic());
    }
    if (!message.headers().isEmpty()) {
      List<String> headers = new ArrayList<>();
      for (Headers.Entry each : message.headers().entries()) {
        headers.add(new JsonText().put("name", each.name()).put("value", each.value()).end());
      }
      json.putJson("headers", "[" + String.join(",", headers) + "]");
    }
    if (!message.contentType().isEmpty()) {
      json.put("contentType", message.contentType());
    }
    if (message.size() > 0) {
      json.put("payload", Base64.getEncoder().encodeToString(message.sharedBytes()));
    }
    return json.end().getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public Status status(EdgeFailure failure) {
    HttpHeaders trailing = new DefaultHttpHeaders();
    trailing.set(Problems.DELIVERED, Problems.lower(failure.delivered()));
    trailing.set(Problems.RETRY, failure.retrySafe() ? "safe" : "unsafe");
    byte[] info = RpcErrors.info(failure.code().name(), SERVICE.name(), failure.details());
    return new Status(
        failure.code().number(),
        failure.shortMessage(MOST_MESSAGE_BYTES),
        !failure.details().isEmpty() && info.length <= MOST_DETAIL_BYTES
            ? List.of(new Detail("google.rpc.ErrorInfo", info))
            : List.of(),
        new DefaultHttpHeaders(),
        trailing);
  }
}
