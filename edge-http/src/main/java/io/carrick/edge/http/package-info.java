/** The edge of an HTTP port: each idiom of HTTP leads to the same calls. */
@NullMarked
package io.carrick.edge.http;

import org.jspecify.annotations.NullMarked;
