/** A transport over Unix domain sockets. */
@NullMarked
package io.carrick.transport.unix;

import org.jspecify.annotations.NullMarked;
