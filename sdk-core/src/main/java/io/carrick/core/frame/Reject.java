package io.carrick.core.frame;

/** The refusal of HELLO or RESUME. Arrays are not copied: nobody may change them. */
public record Reject(byte[] instance, int code, String message) {}
