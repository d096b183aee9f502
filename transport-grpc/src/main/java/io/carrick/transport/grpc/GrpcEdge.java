package io.carrick.transport.grpc;

import io.carrick.spi.Calls;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import java.util.List;

/** What a listener serves beside sessions, for programs without the SDK. */
final class GrpcEdge {

  private GrpcEdge() {}

  /** The methods of {@link SessionMethod#SERVICE} beside Session. */
  static List<ServerMethodDefinition<?, ?>> methods(Calls calls) {
    return List.of();
  }

  /** Services of other names, such as health. */
  static List<ServerServiceDefinition> services(Calls calls) {
    return List.of();
  }
}
