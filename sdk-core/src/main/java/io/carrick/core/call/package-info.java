/** What goes out: calls, streams and subscriptions that the application makes. */
@NullMarked
package io.carrick.core.call;

import org.jspecify.annotations.NullMarked;
