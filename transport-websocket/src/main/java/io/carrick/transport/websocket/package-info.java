/** Messages over WebSocket. */
@NullMarked
package io.carrick.transport.websocket;

import org.jspecify.annotations.NullMarked;
