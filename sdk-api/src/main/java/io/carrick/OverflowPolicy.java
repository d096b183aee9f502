package io.carrick;

/**
 * What happens to a subscription whose queue of 1,024 messages or 1 MiB is full. A message that is
 * larger than the subscriber takes is missed by it alone, whatever this says: {@link
 * Subscriber#onGap} tells.
 */
public enum OverflowPolicy {
  /** It ends with RESOURCE_EXHAUSTED and the count of what it missed. */
  FAIL,
  /** The oldest message goes; {@link Subscriber#onGap} tells how many went. */
  DROP_OLDEST,
  /**
   * The publish completes later, and with it every publisher that waits for this subscription. At
   * most 64 publishes of a session wait, more are refused with RESOURCE_EXHAUSTED.
   */
  BLOCK
}
