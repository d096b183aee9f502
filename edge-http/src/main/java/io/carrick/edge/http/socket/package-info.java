/** Calls by messages of JSON over WebSocket, for pages of browsers. */
@NullMarked
package io.carrick.edge.http.socket;

import org.jspecify.annotations.NullMarked;
