package io.carrick.core.frame;

/**
 * What the sender of a handshake allows the other side. Arrays are not copied: nobody may change
 * them.
 */
public record ReceiveLimits(long maxMessageBytes, long initialBytes, long calls, long streams) {}
