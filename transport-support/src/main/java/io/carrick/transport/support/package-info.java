/**
 * What transports share beside their libraries. A transport implements {@link
 * io.carrick.transport.support.PacketChannel}, and has with {@link
 * io.carrick.transport.support.QueuedConnection} a connection that keeps the rules of
 * docs/transport-contract.md.
 */
@NullMarked
package io.carrick.transport.support;

import org.jspecify.annotations.NullMarked;
