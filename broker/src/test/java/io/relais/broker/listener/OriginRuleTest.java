package io.relais.broker.listener;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OriginRuleTest {
  @ParameterizedTest
  @CsvSource(
      nullValues = "-",
      value = {
        // origin, host, confined, allowed
        "-, broker.example.com:8083, false, true",
        "https://broker.example.com, broker.example.com, false, true",
        "http://Broker.Example.com:8083, broker.example.com:8083, false, true",
        "http://broker.example.com, broker.example.com:8083, false, false",
        "http://broker.example.com:18083, broker.example.com:8083, false, true",
        "https://broker.example.com:18083, broker.example.com:8083, false, false",
        "http://other.example.com:18083, broker.example.com:8083, false, false",
        "https://app.example.com, broker.example.com, false, true",
        "https://app.example.com:443, broker.example.com, false, true",
        "http://app.example.com, broker.example.com, false, false",
        "https://app.example.com:8443, broker.example.com, false, false",
        "http://localhost:5173, broker.example.com, false, true",
        "http://127.8.9.1:5173, broker.example.com, false, true",
        "http://localhost.evil.example, broker.example.com, false, false",
        "http://127.0.0.1.evil.example, broker.example.com, false, false",
        "http://user@localhost, broker.example.com, false, false",
        "null, broker.example.com, false, false",
        "'', broker.example.com, false, false",
        "not an origin, broker.example.com, false, false",
        "http://rebound.example:8083, rebound.example:8083, true, false",
        "http://localhost:8083, localhost:8083, true, true",
        "http://other.example.com, -, false, false"
      })
  void origins_are_judged(String origin, String host, boolean confined, boolean allowed) {
    OriginRule rule = OriginRule.of(List.of("https://app.example.com", "http://*:18083"));

    assertThat(rule.allows(origin, host, confined)).isEqualTo(allowed);
  }

  @Test
  void a_star_is_any_page() {
    assertThat(OriginRule.of(List.of("*")).allows("null", null, true)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"app.example.com", "https://app.example.com/page", "https://", ""})
  void what_is_no_origin_is_refused_in_settings(String text) {
    assertThatThrownBy(() -> OriginRule.of(List.of(text)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'" + text + "' is not of the form https://host");
  }
}
