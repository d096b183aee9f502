package io.carrick.edge.http;

import io.carrick.MessagingException;
import java.util.concurrent.CompletableFuture;

/** A call of an edge, or a socket that has calls. Any thread. */
public interface OpenCall {

  /** Ends it by a failure; completes when its caller was told. */
  CompletableFuture<Void> end(MessagingException reason);
}
