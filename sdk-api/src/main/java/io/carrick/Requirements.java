package io.carrick;

import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/**
 * What an application needs of the path that carries its messages. Immutable.
 *
 * <p>Security, delivery and durability are hard: a path that does not give them is never used, and
 * where none does, the call fails with {@link NoPathException}. The latency target is soft: it
 * ranks paths, and one that is missed, by what was measured, is shown in {@link Remote#explain()}.
 */
public final class Requirements {

  /** No needs: any path will do. */
  public static final Requirements NONE =
      new Requirements(
          SecurityLevel.NONE, DeliveryGuarantee.AT_MOST_ONCE, false, false, Optional.empty());

  private final SecurityLevel security;
  private final DeliveryGuarantee delivery;
  private final boolean durable;
  private final boolean idempotent;
  private final Optional<Duration> maxLatency;

  private Requirements(
      SecurityLevel security,
      DeliveryGuarantee delivery,
      boolean durable,
      boolean idempotent,
      Optional<Duration> maxLatency) {
    this.security = Objects.requireNonNull(security, "security");
    this.delivery = Objects.requireNonNull(delivery, "delivery");
    this.durable = durable;
    this.idempotent = idempotent;
    this.maxLatency = maxLatency;
  }

  /** Needs at least this security. */
  public static Requirements security(SecurityLevel level) {
    return NONE.withSecurity(level);
  }

  /** Needs at least this delivery guarantee. */
  public static Requirements delivery(DeliveryGuarantee guarantee) {
    return NONE.withDelivery(guarantee);
  }

  /** The same needs with at least this security, instead of what was needed before. */
  public Requirements withSecurity(SecurityLevel level) {
    return new Requirements(level, delivery, durable, idempotent, maxLatency);
  }

  /** The same needs with at least this delivery guarantee, instead of the one before. */
  public Requirements withDelivery(DeliveryGuarantee guarantee) {
    return new Requirements(security, guarantee, durable, idempotent, maxLatency);
  }

  /** The same needs, and the message survives the absence of its receiver. */
  public Requirements durable() {
    return new Requirements(security, delivery, true, idempotent, maxLatency);
  }

  /** The same needs; calls may be sent again after a lost session. */
  public Requirements idempotent() {
    return new Requirements(security, delivery, durable, true, maxLatency);
  }

  /**
   * The same needs with a target for the round trip, instead of the one before.
   *
   * @throws IllegalArgumentException if the target is not positive
   */
  public Requirements maxLatency(Duration target) {
    if (target.isZero() || target.isNegative()) {
      throw new IllegalArgumentException("maxLatency " + target + " must be positive");
    }
    return new Requirements(security, delivery, durable, idempotent, Optional.of(target));
  }

  /**
   * These needs and others together: of each the stricter one, so that nothing that was needed
   * before is given up.
   */
  public Requirements and(Requirements other) {
    return new Requirements(
        security.compareTo(other.security) >= 0 ? security : other.security,
        delivery.compareTo(other.delivery) >= 0 ? delivery : other.delivery,
        durable || other.durable,
        idempotent || other.idempotent,
        maxLatency
            .flatMap(mine -> other.maxLatency.filter(theirs -> theirs.compareTo(mine) < 0))
            .or(() -> maxLatency)
            .or(() -> other.maxLatency));
  }

  /** The least security; {@link SecurityLevel#NONE} by default. */
  public SecurityLevel security() {
    return security;
  }

  /** The least delivery guarantee; {@link DeliveryGuarantee#AT_MOST_ONCE} by default. */
  public DeliveryGuarantee delivery() {
    return delivery;
  }

  /** Whether the message must survive the absence of its receiver. */
  public boolean isDurable() {
    return durable;
  }

  /** Whether a call may be sent again after a lost session. */
  public boolean isIdempotent() {
    return idempotent;
  }

  /** The target for the round trip, where there is one. */
  public Optional<Duration> maxLatency() {
    return maxLatency;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Requirements that
        && security == that.security
        && delivery == that.delivery
        && durable == that.durable
        && idempotent == that.idempotent
        && maxLatency.equals(that.maxLatency);
  }

  @Override
  public int hashCode() {
    return Objects.hash(security, delivery, durable, idempotent, maxLatency);
  }

  @Override
  public String toString() {
    return "Requirements[security="
        + security
        + ", delivery="
        + delivery
        + (durable ? ", durable" : "")
        + (idempotent ? ", idempotent" : "")
        + maxLatency.map(target -> ", maxLatency=" + target).orElse("")
        + "]";
  }
}
