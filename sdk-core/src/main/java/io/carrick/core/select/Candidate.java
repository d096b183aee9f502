package io.carrick.core.select;

import io.carrick.spi.Capabilities;
import io.carrick.spi.Endpoint;
import java.util.Objects;

/**
 * One way to a service, as it is known now.
 *
 * @param endpoint where to connect
 * @param capabilities what its transport promises of it
 * @param measured what was seen of it so far
 */
public record Candidate(Endpoint endpoint, Capabilities capabilities, Measured measured) {
  public Candidate {
    Objects.requireNonNull(endpoint, "endpoint");
    Objects.requireNonNull(capabilities, "capabilities");
    Objects.requireNonNull(measured, "measured");
  }
}
