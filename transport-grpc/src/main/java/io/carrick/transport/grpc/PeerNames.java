package io.carrick.transport.grpc;

import io.carrick.netty.Names;
import io.carrick.transport.support.HostPort;
import io.grpc.Attributes;
import io.grpc.EquivalentAddressGroup;
import io.grpc.NameResolver;
import io.grpc.Status;
import io.grpc.StatusOr;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/** What gRPC asks for the addresses of one endpoint. */
final class PeerNames extends NameResolver.Factory {

  private final Names names;
  private final HostPort peer;
  private final CompletableFuture<Integer> resolved;

  /**
   * @param resolved gets how many addresses there are
   */
  PeerNames(Names names, HostPort peer, CompletableFuture<Integer> resolved) {
    this.names = names;
    this.peer = peer;
    this.resolved = resolved;
  }

  @Override
  public NameResolver newNameResolver(URI target, NameResolver.Args arguments) {
    return new Resolver();
  }

  @Override
  public String getDefaultScheme() {
    return "dns";
  }

  /** Tells gRPC once: it is asked for one connect, and no second one. */
  private final class Resolver extends NameResolver {

    @Override
    public String getServiceAuthority() {
      return peer.authority();
    }

    @Override
    public void start(Listener2 listener) {
      names.resolve(peer.host()).whenComplete((found, failure) -> tell(listener, found, failure));
    }

    private void tell(
        Listener2 listener, @Nullable List<InetAddress> found, @Nullable Throwable failure) {
      if (found == null) {
        Throwable cause = failure instanceof CompletionException e ? e.getCause() : failure;
        listener.onError(Status.UNAVAILABLE.withCause(cause));
        return;
      }
      resolved.complete(Math.max(1, found.size()));
      listener.onResult(
          ResolutionResult.newBuilder()
              .setAddressesOrError(StatusOr.fromValue(found.stream().map(this::group).toList()))
              .setAttributes(Attributes.EMPTY)
              .build());
    }

    private EquivalentAddressGroup group(InetAddress each) {
      return new EquivalentAddressGroup(new InetSocketAddress(each, peer.port()));
    }

    @Override
    public void shutdown() {}
  }
}
