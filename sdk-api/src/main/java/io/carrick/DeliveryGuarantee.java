package io.carrick;

/** How often the receiving endpoint may accept a message. */
public enum DeliveryGuarantee {
  /** Never twice, perhaps not at all. */
  AT_MOST_ONCE,
  /** At least once while both sides live, perhaps more often. */
  AT_LEAST_ONCE,
  /** Once within a session. Each session over a path without a broker gives this. */
  EXACTLY_ONCE
}
