/** Messages over HTTP/2. */
@NullMarked
package io.carrick.transport.http2;

import org.jspecify.annotations.NullMarked;
