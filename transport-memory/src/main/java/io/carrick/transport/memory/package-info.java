/** Messages within one process: the transport to copy when writing another one. */
@NullMarked
package io.carrick.transport.memory;

import org.jspecify.annotations.NullMarked;
