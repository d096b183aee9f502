/** What Tyrus makes and calls by reflection. Not for applications. */
@NullMarked
package io.carrick.transport.websocket.tyrus;

import org.jspecify.annotations.NullMarked;
