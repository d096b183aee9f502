/** Messages over gRPC, between hosts and with programs in any language. */
@NullMarked
package io.carrick.transport.grpc;

import org.jspecify.annotations.NullMarked;
