/**
 * The session: a pure state machine, and the driver that gives it threads, a clock and a
 * connection.
 */
@NullMarked
package io.carrick.core.session;

import org.jspecify.annotations.NullMarked;
