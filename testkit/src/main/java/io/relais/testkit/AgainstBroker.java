package io.relais.testkit;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/// Stands on test classes whose methods take [Clients]: they run against one shared broker, and
/// side by side, so that waiting for a keep-alive or an expiry costs no more than the longest wait.
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
@ExtendWith(SharedBroker.class)
@Execution(ExecutionMode.CONCURRENT)
public @interface AgainstBroker {}
