/** Unix domain sockets as transports use them; of no use to applications. */
@NullMarked
package io.carrick.unix;

import org.jspecify.annotations.NullMarked;
