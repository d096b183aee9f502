/** Threads, timers and batches, and what is done however little memory there is. */
@NullMarked
package io.carrick.core.run;

import org.jspecify.annotations.NullMarked;
