package io.carrick.edge.http;

import java.util.Map;
import java.util.Set;

/**
 * A service of Protocol Buffers, as Connect and gRPC-Web call it.
 *
 * @param name its full name, {@code carrick.v1.Carrick}
 * @param methods those that can be called so, by name
 * @param others those that cannot
 */
record RpcService(String name, Map<String, RpcMethod> methods, Set<String> others) {

  RpcService {
    methods = Map.copyOf(methods);
    others = Set.copyOf(others);
  }

  /** What the paths of its methods begin with. */
  String path() {
    return "/" + name + "/";
  }
}
