package io.relais.server.config;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KnownKeyTest {

  @ParameterizedTest
  @CsvSource({
    "limits.queue-messages, NOW",
    "limits.payload-bytes, CONNECT",
    "limits.flapping.window, NOW",
    "limits.disk-reserve-bytes, RESTART",
    "listeners.3.bind, LISTENER",
    "listeners.3.tls.key, LISTENER",
    "listeners.3.max-connections, CONNECT",
    "authentication.jwt.issuer, CONNECT",
    "mqtt.redirect.to, CONNECT",
    "mqtt.acknowledge-topics.0.level, RESTART",
    "log.level, NOW",
    "admin.bind, RESTART",
    "store, RESTART",
  })
  void a_key_says_when_a_change_takes_effect(String key, Effect effect) {
    assertThat(KnownKey.of(key)).map(KnownKey::effect).hasValue(effect);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "limits.queue-message | is not a key; did you mean limits.queue-messages?",
        "limits | is a section; set its keys, like limits.payload-bytes",
        "authentication.http | is a section; set its keys, like authentication.http.url",
        "listeners.0.bind | belongs to an entry of a list; set listeners as a whole",
        "listeners.first | is not a key",
        "admin.password | is a secret, which is not kept in the store",
        "data | must be known before the store is open",
        "authorization.rules | is set by PUT /api/v1/authorization/rules",
        "authorization.rules.0.filter | is set by PUT /api/v1/authorization/rules",
        "rewrite | is set by PUT /api/v1/rewrite",
      })
  void what_the_api_cannot_set_is_said_with_its_reason(String key, String why) {
    assertThat(KnownKey.problemWithSetting(key)).startsWith(why);
  }

  @Test
  void lists_sections_that_may_be_left_out_and_single_values_can_be_set() {
    assertThat(KnownKey.problemWithSetting("listeners")).isNull();
    assertThat(KnownKey.problemWithSetting("mqtt.acknowledge-topics")).isNull();
    assertThat(KnownKey.problemWithSetting("authentication.http.url")).isNull();
    assertThat(KnownKey.problemWithSetting("limits.queue-bytes")).isNull();
  }
}
