/** Codecs and compressors, each active when its library is present. */
@NullMarked
package io.carrick.serialization;

import org.jspecify.annotations.NullMarked;
