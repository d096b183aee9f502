/** What an extension implements: transports, codecs, and the provider of the core. */
@NullMarked
package io.carrick.spi;

import org.jspecify.annotations.NullMarked;
