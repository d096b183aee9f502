package io.carrick.edge.http;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.TypeRegistry;
import com.google.protobuf.util.JsonFormat;
import connectrpc.conformance.v1.Conformance.ConformancePayload;
import connectrpc.conformance.v1.Conformance.Header;
import connectrpc.conformance.v1.Conformance.ServerStreamRequest;
import connectrpc.conformance.v1.Conformance.ServerStreamResponse;
import connectrpc.conformance.v1.Conformance.StreamResponseDefinition;
import connectrpc.conformance.v1.Conformance.UnaryRequest;
import connectrpc.conformance.v1.Conformance.UnaryResponse;
import connectrpc.conformance.v1.Conformance.UnaryResponseDefinition;
import io.carrick.CallException;
import io.carrick.Message;
import io.carrick.Principal;
import io.carrick.StatusCode;
import io.carrick.spi.Calls;
import io.carrick.transport.support.edge.EdgeFailure;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;

/**
 * {@code connectrpc.conformance.v1.ConformanceService}: says and fails as its callers ask. What it
 * was asked, with the headers, is a message's payload; what it says stands in those of replies.
 */
final class ConformanceService implements Calls {

  static final RpcService SERVICE =
      new RpcService(
          "connectrpc.conformance.v1.ConformanceService",
          Map.of("Unary", new Unary(), "ServerStream", new Stream()),
          Set.of("ClientStream", "BidiStream", "Unimplemented", "IdempotentUnary"));

  private static final TypeRegistry TYPES =
      TypeRegistry.newBuilder()
          .add(List.of(UnaryRequest.getDescriptor(), ServerStreamRequest.getDescriptor()))
          .build();

  private static final String FAILURE = "error";

  /** What both definitions of a response have. */
  private record Answer(
      List<Header> leading,
      List<Header> trailing,
      connectrpc.conformance.v1.Conformance.Error error) {}

  private abstract static class Method implements RpcMethod {

    abstract com.google.protobuf.Message.Builder request();

    @Override
    public Message message(HttpHeaders headers, byte[] body, boolean json) {
      com.google.protobuf.Message.Builder request = request();
      try {
        if (json) {
          JsonFormat.parser()
              .usingTypeRegistry(TYPES)
              .ignoringUnknownFields()
              .merge(new String(body, StandardCharsets.UTF_8), request);
        } else {
          request.mergeFrom(body);
        }
      } catch (InvalidProtocolBufferException e) {
        throw new IllegalArgumentException("no request", e);
      }
      ConformancePayload.RequestInfo.Builder info = ConformancePayload.RequestInfo.newBuilder();
      for (String name : headers.names()) {
        info.addRequestHeaders(Header.newBuilder().setName(name).addAllValue(headers.getAll(name)));
      }
      String millis = headers.get("connect-timeout-ms");
      String grpc = headers.get("grpc-timeout");
      if (millis != null) {
        info.setTimeoutMs(Long.parseLong(millis));
      } else if (grpc != null) {
        info.setTimeoutMs(Long.parseLong(grpc.substring(0, grpc.length() - 1)) / scale(grpc));
      }
      info.addRequests(Any.pack(request.build()));
      return Message.wrap("", io.carrick.Headers.EMPTY, "", info.build().toByteArray());
    }

    private static long scale(String timeout) {
      return switch (timeout.charAt(timeout.length() - 1)) {
        case 'u' -> 1_000;
        case 'n' -> 1_000_000;
        default -> 1;
      };
    }

    abstract com.google.protobuf.Message response(ConformancePayload payload);

    /** What a reply is was made ready: headers, perhaps a payload, trailers. */
    @Override
    public Reply reply(Message message, boolean json) {
      try {
        connectrpc.conformance.v1.Conformance.UnaryResponseDefinition said =
            UnaryResponseDefinition.parseFrom(message.sharedBytes());
        byte[] body = said.hasResponseData() ? body(said.getResponseData(), json) : null;
        return new Reply(
            http(said.getResponseHeadersList()), body, http(said.getResponseTrailersList()));
      } catch (InvalidProtocolBufferException e) {
        throw new IllegalStateException(e);
      }
    }

    private byte[] body(ByteString payload, boolean json) throws InvalidProtocolBufferException {
      com.google.protobuf.Message response = response(ConformancePayload.parseFrom(payload));
      return json
          ? JsonFormat.printer()
              .usingTypeRegistry(TYPES)
              .print(response)
              .getBytes(StandardCharsets.UTF_8)
          : response.toByteArray();
    }

    @Override
    public Status status(EdgeFailure failure) {
      String told = failure.details().get(FAILURE);
      if (told == null) {
        return new Status(
            failure.code().number(),
            failure.message(),
            List.of(),
            new DefaultHttpHeaders(),
            new DefaultHttpHeaders());
      }
      try {
        UnaryResponseDefinition said =
            UnaryResponseDefinition.parseFrom(Base64.getDecoder().decode(told));
        connectrpc.conformance.v1.Conformance.Error error = said.getError();
        List<Detail> details = new ArrayList<>();
        for (Any each : error.getDetailsList()) {
          String url = each.getTypeUrl();
          details.add(
              new Detail(url.substring(url.indexOf('/') + 1), each.getValue().toByteArray()));
        }
        return new Status(
            error.getCodeValue(),
            error.hasMessage() ? error.getMessage() : null,
            details,
            http(said.getResponseHeadersList()),
            http(said.getResponseTrailersList()));
      } catch (InvalidProtocolBufferException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  private static HttpHeaders http(List<Header> headers) {
    HttpHeaders http = new DefaultHttpHeaders();
    headers.forEach(header -> http.add(header.getName(), header.getValueList()));
    return http;
  }

  private static final class Unary extends Method {

    @Override
    public Kind kind() {
      return Kind.REQUEST;
    }

    @Override
    com.google.protobuf.Message.Builder request() {
      return UnaryRequest.newBuilder();
    }

    @Override
    com.google.protobuf.Message response(ConformancePayload payload) {
      return UnaryResponse.newBuilder().setPayload(payload).build();
    }
  }

  private static final class Stream extends Method {

    @Override
    public Kind kind() {
      return Kind.STREAM;
    }

    @Override
    com.google.protobuf.Message.Builder request() {
      return ServerStreamRequest.newBuilder();
    }

    @Override
    com.google.protobuf.Message response(ConformancePayload payload) {
      return ServerStreamResponse.newBuilder().setPayload(payload).build();
    }
  }

  private static ConformancePayload.RequestInfo info(Message message)
      throws InvalidProtocolBufferException {
    return ConformancePayload.RequestInfo.parseFrom(message.sharedBytes());
  }

  private static Message said(UnaryResponseDefinition.Builder response) {
    return Message.wrap("", io.carrick.Headers.EMPTY, "", response.build().toByteArray());
  }

  private static CallException failed(
      Answer answer, ConformancePayload.RequestInfo info, boolean withInfo) {
    connectrpc.conformance.v1.Conformance.Error.Builder error = answer.error().toBuilder();
    if (withInfo) {
      error.addDetails(Any.pack(info));
    }
    UnaryResponseDefinition said =
        UnaryResponseDefinition.newBuilder()
            .addAllResponseHeaders(answer.leading())
            .addAllResponseTrailers(answer.trailing())
            .setError(error)
            .build();
    return new CallException(
        StatusCode.of(Math.max(1, error.getCodeValue())),
        "failed",
        Map.of(FAILURE, Base64.getEncoder().encodeToString(said.toByteArray())));
  }

  @Override
  public CompletionStage<Message> request(Principal principal, Message message) {
    try {
      ConformancePayload.RequestInfo info = info(message);
      UnaryRequest request = info.getRequests(0).unpack(UnaryRequest.class);
      UnaryResponseDefinition definition = request.getResponseDefinition();
      CompletableFuture<Message> reply = new CompletableFuture<>();
      after(definition.getResponseDelayMs())
          .execute(
              () -> {
                if (definition.hasError()) {
                  reply.completeExceptionally(
                      failed(
                          new Answer(
                              definition.getResponseHeadersList(),
                              definition.getResponseTrailersList(),
                              definition.getError()),
                          info,
                          true));
                } else {
                  reply.complete(
                      said(
                          definition.toBuilder()
                              .setResponseData(
                                  ConformancePayload.newBuilder()
                                      .setData(definition.getResponseData())
                                      .setRequestInfo(info)
                                      .build()
                                      .toByteString())));
                }
              });
      return deadline(reply);
    } catch (InvalidProtocolBufferException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  private long deadlineMillis;

  @Override
  public Calls within(java.time.Duration deadline) {
    ConformanceService within = new ConformanceService();
    within.deadlineMillis = Math.max(1, deadline.toMillis());
    return within;
  }

  private CompletableFuture<Message> deadline(CompletableFuture<Message> reply) {
    if (deadlineMillis > 0) {
      after(deadlineMillis)
          .execute(
              () ->
                  reply.completeExceptionally(
                      new CallException(StatusCode.DEADLINE_EXCEEDED, "too late")));
    }
    return reply;
  }

  private static Executor after(long millis) {
    return CompletableFuture.delayedExecutor(millis, TimeUnit.MILLISECONDS);
  }

  @Override
  public Flow.Publisher<Message> stream(Principal principal, Message message) {
    return subscriber -> {
      try {
        begin(info(message), subscriber);
      } catch (InvalidProtocolBufferException e) {
        throw new IllegalStateException(e);
      }
    };
  }

  private static void begin(
      ConformancePayload.RequestInfo info, Flow.Subscriber<? super Message> subscriber)
      throws InvalidProtocolBufferException {
    ServerStreamRequest request = info.getRequests(0).unpack(ServerStreamRequest.class);
    StreamResponseDefinition definition = request.getResponseDefinition();
    Script<Message> items = new Script<>(subscriber);
    boolean only = definition.getResponseDataCount() == 0;
    items.say(
        said(
            UnaryResponseDefinition.newBuilder()
                .addAllResponseHeaders(definition.getResponseHeadersList())));
    next(items, definition, info, 0, only);
  }

  private static void next(
      Script<Message> items,
      StreamResponseDefinition definition,
      ConformancePayload.RequestInfo info,
      int at,
      boolean only) {
    if (at < definition.getResponseDataCount()) {
      after(definition.getResponseDelayMs())
          .execute(
              () -> {
                ConformancePayload.Builder payload =
                    ConformancePayload.newBuilder().setData(definition.getResponseData(at));
                if (at == 0) {
                  payload.setRequestInfo(info);
                }
                items.say(
                    said(
                        UnaryResponseDefinition.newBuilder()
                            .setResponseData(payload.build().toByteString())));
                next(items, definition, info, at + 1, only);
              });
    } else if (definition.hasError()) {
      items.end(
          failed(
              new Answer(List.of(), definition.getResponseTrailersList(), definition.getError()),
              info,
              only));
    } else {
      items.say(
          said(
              UnaryResponseDefinition.newBuilder()
                  .addAllResponseTrailers(definition.getResponseTrailersList())));
      items.end(null);
    }
  }

  @Override
  public CompletionStage<Void> send(Principal principal, Message message) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Flow.Publisher<Message> channel(
      Principal principal, Message opening, Flow.Publisher<Message> values) {
    throw new UnsupportedOperationException();
  }

  @Override
  public CompletionStage<Void> publish(Principal principal, Message message) {
    throw new UnsupportedOperationException();
  }

  @Override
  public CompletionStage<Flow.Publisher<Message>> subscribe(Principal principal, Message opening) {
    throw new UnsupportedOperationException();
  }
}
