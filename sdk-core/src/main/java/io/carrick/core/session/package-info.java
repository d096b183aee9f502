/** The session with threads, a clock and a connection: what drives the pure machine. */
@NullMarked
package io.carrick.core.session;

import org.jspecify.annotations.NullMarked;
