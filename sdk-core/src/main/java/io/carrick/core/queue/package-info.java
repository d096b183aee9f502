/** What waits in order, and is not lost where there is no memory. */
@NullMarked
package io.carrick.core.queue;

import org.jspecify.annotations.NullMarked;
