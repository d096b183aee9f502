/** The entry: a messenger, put together from its settings, and how it goes. */
@NullMarked
package io.carrick.core;

import org.jspecify.annotations.NullMarked;
