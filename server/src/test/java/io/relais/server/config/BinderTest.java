package io.relais.server.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class BinderTest {
  record Account(
      @Key("Name.") String user, @Key(value = "Secret.", secret = true) String password) {}

  @Test
  void secrets_are_masked_in_the_settings() {
    List<Problem> problems = new ArrayList<>();
    Value.Table table = YamlReader.read("f", "user: ann\npassword: hunter2\n", problems);
    List<Setting> settings = new ArrayList<>();

    Object account = new Binder(Schema.of(Account.class), problems).bind(table, settings);

    assertThat(problems).isEmpty();
    assertThat(account).isEqualTo(new Account("ann", "hunter2"));
    assertThat(settings).extracting(Setting::value).containsExactly("ann", "********");
  }
}
