package io.relais.server.config;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/// Describes the key of a record component. The key's name is the component's name in kebab-case,
/// its type the component's type; a number whose name ends in `Bytes` is a size.
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
@interface Key {
  /// What the key means, as a sentence of `docs/configuration.md`.
  String value();

  /// The default, written as in a file. Sections, lists of sections and optional keys have none.
  String standard() default "";

  /// In words, a default that depends on other keys or on the machine; `DerivedDefaults` computes
  /// it.
  String derived() default "";

  /// Whether the value stays out of `relais config show`.
  boolean secret() default false;

  /// Whether the value is a file that must be there and readable.
  boolean existing() default false;
}
