package io.carrick.transport.grpc;

import io.carrick.CallException;
import io.carrick.Delivered;
import io.carrick.StatusCode;
import io.carrick.spi.Calls;
import io.carrick.wire.v1.Done;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServerStreamTracer;
import io.grpc.ServerTransportFilter;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.protobuf.services.ProtoReflectionService;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * What a listener serves beside sessions, for programs without the SDK: the plain methods, health,
 * and reflection where the endpoint asks for it.
 */
final class GrpcEdge {

  private final Calls calls;
  private final PlainIntake intake;
  private final boolean reflection;
  private final HealthStatusManager health = new HealthStatusManager();
  private final AtomicBoolean draining = new AtomicBoolean();

  GrpcEdge(Calls calls, boolean reflection, int maxMessageBytes) {
    this.intake = new PlainIntake(maxMessageBytes);
    this.calls = calls;
    this.reflection = reflection;
    health.setStatus(SessionMethod.SERVICE, ServingStatus.SERVING);
  }

  /** Must see each call. */
  ServerStreamTracer.Factory intake() {
    return intake;
  }

  /** Must see each connection. */
  ServerTransportFilter connections() {
    return PlainCaller.connections(calls, intake);
  }

  /** The methods of {@link SessionMethod#SERVICE} beside Session. */
  List<ServerMethodDefinition<?, ?>> methods() {
    return List.of(
        ServerMethodDefinition.create(
            PlainMethods.REQUEST,
            PlainUnary.handler(
                (caller, message) -> caller.calls().request(caller.principal(), message),
                PlainMessages::reply)),
        ServerMethodDefinition.create(
            PlainMethods.SEND,
            PlainUnary.handler(
                (caller, message) -> caller.calls().send(caller.principal(), message),
                sent -> Done.getDefaultInstance())),
        ServerMethodDefinition.create(
            PlainMethods.PUBLISH,
            PlainUnary.handler(
                (caller, message) -> caller.calls().publish(caller.principal(), message),
                published -> Done.getDefaultInstance())),
        ServerMethodDefinition.create(
            PlainMethods.STREAM,
            PlainStream.handler(
                (caller, message, writer) ->
                    caller.calls().stream(caller.principal(), message).subscribe(writer))),
        ServerMethodDefinition.create(
            PlainMethods.SUBSCRIBE,
            PlainStream.handler(
                (caller, message, writer) ->
                    caller
                        .calls()
                        .subscribe(caller.principal(), message)
                        .whenComplete(writer::subscribed))),
        ServerMethodDefinition.create(PlainMethods.CHANNEL, PlainChannel.handler()),
        ServerMethodDefinition.create(PlainMethods.SERVE, ResponderCall.handler()));
  }

  /** Services of other names. */
  @SuppressWarnings("deprecation") // Tools of some languages know the older reflection only.
  List<ServerServiceDefinition> services() {
    List<ServerServiceDefinition> services = new ArrayList<>();
    services.add(health.getHealthService().bindService());
    if (reflection) {
      services.add(ProtoReflectionServiceV1.newInstance().bindService());
      services.add(ProtoReflectionService.newInstance().bindService());
    }
    return services;
  }

  /** How many plain calls are open that end by themselves. */
  int openCalls() {
    return intake.openCalls();
  }

  /** Ends the plain calls that are open; completes when their callers were told. */
  CompletableFuture<Void> end() {
    return intake.end(
        new CallException(
            StatusCode.UNAVAILABLE,
            Delivered.MAYBE,
            "the service closed before the call ended: call another instance of it",
            Map.of(),
            null));
  }

  /** Says that nothing new should come. */
  void drain() {
    if (draining.compareAndSet(false, true)) {
      health.enterTerminalState();
    }
  }
}
