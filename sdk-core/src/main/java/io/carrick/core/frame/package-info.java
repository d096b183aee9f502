/** The wire: the only place that knows the layout of wire.proto. */
@NullMarked
package io.carrick.core.frame;

import org.jspecify.annotations.NullMarked;
