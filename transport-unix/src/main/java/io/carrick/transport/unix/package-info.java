/** Messages within one machine, over Unix domain sockets of the JDK. */
@NullMarked
package io.carrick.transport.unix;

import org.jspecify.annotations.NullMarked;
