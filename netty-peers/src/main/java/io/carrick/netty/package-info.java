/**
 * What transports on Netty share: event loops, guarded sockets, TLS and names. It knows Netty, and
 * no protocol of a transport.
 */
@NullMarked
package io.carrick.netty;

import org.jspecify.annotations.NullMarked;
