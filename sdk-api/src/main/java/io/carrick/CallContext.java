package io.carrick;

/**
 * What an interceptor may know of a call.
 *
 * @param action the pattern of the call
 * @param topic its topic, or the filter of a subscription
 * @param serving whether this is the serving side
 * @param principal who calls on the serving side; who is called, where known, on the calling side
 * @param service the name of the service at the other end; empty where it is not known
 */
public record CallContext(
    Authorizer.Action action, String topic, boolean serving, Principal principal, String service) {}
