package io.carrick.integration;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Runs a class of tests over each transport that needs nobody in between, once: one of them has
 * TLS. Over both schemes of each go the semantics of calls ({@link OverEachTransportAndBroker}),
 * the contract of transports, and the matrix of moves.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Tag("side-by-side")
@ParameterizedClass(name = "{0}")
@EnumSource(
    value = TestTransport.class,
    names = {"MEMORY", "UNIX", "GRPCS", "WS", "HTTP"})
@interface OverEachTransport {}
