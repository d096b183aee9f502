/** The session as a pure state machine: no thread, no clock, no I/O, no user code. */
@NullMarked
package io.carrick.core.session.state;

import org.jspecify.annotations.NullMarked;
