package io.carrick.spi;

import io.carrick.Principal;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Who makes calls.
 *
 * @param principal what handlers and the authorizer see
 * @param expires when what it rests on ends; null for never
 */
public record Caller(Principal principal, @Nullable Instant expires) {}
