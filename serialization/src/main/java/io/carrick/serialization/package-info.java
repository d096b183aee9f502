/** The codecs that come with Carrick, found by {@link java.util.ServiceLoader}. */
@NullMarked
package io.carrick.serialization;

import org.jspecify.annotations.NullMarked;
