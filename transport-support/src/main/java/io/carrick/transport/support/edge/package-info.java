/**
 * What edges share: calls of programs without the SDK, in the idiom of a protocol. It knows JDK
 * types and {@code sdk-api} only.
 */
@NullMarked
package io.carrick.transport.support.edge;

import org.jspecify.annotations.NullMarked;
