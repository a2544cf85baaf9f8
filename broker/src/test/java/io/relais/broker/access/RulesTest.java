package io.relais.broker.access;

import static io.relais.broker.access.FilterPatternTest.client;
import static org.assertj.core.api.Assertions.assertThat;

import io.relais.broker.access.Policy.Verdict;
import io.relais.broker.access.Rule.Action;
import io.relais.broker.access.Rule.Effect;
import io.relais.protocol.ProtocolVersion;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.List;
import org.junit.jupiter.api.Test;

class RulesTest {
  private static final Client ALICE = client("one", "alice");
  private static final Client BOB = client("two", "bob");

  @Test
  void without_a_rule_everything_is_allowed() {
    assertThat(publish(ALICE, "a")).isEqualTo(Verdict.ALLOW);
    assertThat(subscribe(ALICE, "#")).isEqualTo(Verdict.ALLOW);
    assertThat(new Rules(List.of()).forClient(ALICE).isOpen()).isTrue();
  }

  @Test
  void with_a_rule_what_none_speaks_of_is_denied() {
    Rule rule = Rule.of(Effect.ALLOW, Action.PUBLISH, "a/#");

    assertThat(publish(ALICE, "a/b", rule)).isEqualTo(Verdict.ALLOW);
    assertThat(publish(ALICE, "b", rule)).isEqualTo(Verdict.DENY);
    assertThat(subscribe(ALICE, "a/b", rule)).isEqualTo(Verdict.DENY);
  }

  @Test
  void the_first_rule_that_fits_decides() {
    Rule deny = Rule.of(Effect.DENY, Action.ALL, "a/secret");
    Rule allow = Rule.of(Effect.ALLOW, Action.ALL, "a/#");

    assertThat(publish(ALICE, "a/secret", deny, allow)).isEqualTo(Verdict.DENY);
    assertThat(publish(ALICE, "a/secret", allow, deny)).isEqualTo(Verdict.ALLOW);
  }

  @Test
  void a_rule_speaks_of_the_clients_that_it_names() {
    Rule ofAlice =
        new Rule(Effect.ALLOW, Action.ALL, "x", "alice", null, null, null, null, 2, null);
    Rule ofTwo = new Rule(Effect.ALLOW, Action.ALL, "y", null, "two", null, null, null, 2, null);

    assertThat(publish(ALICE, "x", ofAlice, ofTwo)).isEqualTo(Verdict.ALLOW);
    assertThat(publish(BOB, "x", ofAlice, ofTwo)).isEqualTo(Verdict.DENY);
    assertThat(publish(ALICE, "y", ofAlice, ofTwo)).isEqualTo(Verdict.DENY);
    assertThat(publish(BOB, "y", ofAlice, ofTwo)).isEqualTo(Verdict.ALLOW);
  }

  @Test
  void a_rule_speaks_of_the_members_of_its_group() {
    Rule ofStaff =
        new Rule(Effect.ALLOW, Action.ALL, "x", null, null, null, null, "staff", 2, null);
    Client member = BOB.with("bob", Grant.NONE.ofUserIn(List.of("night", "staff")));
    Client other = BOB.with("bob", Grant.NONE.withGroups("Staff"));

    assertThat(publish(member, "x", ofStaff)).isEqualTo(Verdict.ALLOW);
    assertThat(publish(other, "x", ofStaff)).isEqualTo(Verdict.DENY);
    assertThat(publish(BOB, "x", ofStaff)).isEqualTo(Verdict.DENY);
    assertThat(new Rules(List.of(ofStaff)).onPublish(member, "x", 0, false))
        .isEqualTo(new Rules.Decision(true, 0));
  }

  @Test
  void a_rule_speaks_of_addresses_in_its_range() throws Exception {
    AddressRange range = AddressRange.parse("192.0.2.0/24");
    Rule rule = new Rule(Effect.ALLOW, Action.ALL, "#", null, null, range, null, null, 2, null);

    assertThat(publish(at("192.0.2.7"), "x", rule)).isEqualTo(Verdict.ALLOW);
    assertThat(publish(at("192.0.3.7"), "x", rule)).isEqualTo(Verdict.DENY);
  }

  @Test
  void qos_and_retain_are_conditions() {
    Rule rule = new Rule(Effect.ALLOW, Action.ALL, "#", null, null, null, null, null, 1, false);
    Policy policy = new Rules(List.of(rule)).forClient(ALICE);

    assertThat(policy.mayPublish(ALICE, "x", 1, false, later -> {})).isEqualTo(Verdict.ALLOW);
    assertThat(policy.mayPublish(ALICE, "x", 2, false, later -> {})).isEqualTo(Verdict.DENY);
    assertThat(policy.mayPublish(ALICE, "x", 1, true, later -> {})).isEqualTo(Verdict.DENY);
    assertThat(policy.maySubscribe(ALICE, "x", 2, later -> {})).isEqualTo(Verdict.DENY);
  }

  @Test
  void a_delayed_message_counts_as_what_it_will_be() {
    Rule rule = Rule.of(Effect.DENY, Action.PUBLISH, "a");
    Rule rest = Rule.of(Effect.ALLOW, Action.ALL, "#");

    assertThat(publish(ALICE, "$delayed/5/a", rule, rest)).isEqualTo(Verdict.DENY);
    assertThat(publish(ALICE, "$delayed/5/b", rule, rest)).isEqualTo(Verdict.ALLOW);
  }

  @Test
  void a_subscription_that_overlaps_what_is_denied_is_looked_at_for_each_message() {
    Rule deny = Rule.of(Effect.DENY, Action.SUBSCRIBE, "a/secret");
    Rule allow = Rule.of(Effect.ALLOW, Action.ALL, "#");
    Policy policy = new Rules(List.of(deny, allow)).forClient(ALICE);

    assertThat(policy.maySubscribe(ALICE, "a/+", 1, later -> {})).isEqualTo(Verdict.ALLOW);
    assertThat(policy.checksDelivery(ALICE, "a/+")).isTrue();
    assertThat(policy.checksDelivery(ALICE, "b/+")).isFalse();
    assertThat(policy.mayReceive(ALICE, "a/secret")).isFalse();
    assertThat(policy.mayReceive(ALICE, "a/other")).isTrue();
  }

  @Test
  void the_brokers_own_topics_are_read_from_this_machine_or_by_a_rule() throws Exception {
    Client away = at("192.0.2.7");
    Rule rule = Rule.of(Effect.ALLOW, Action.SUBSCRIBE, "$SYS/#");

    assertThat(subscribe(ALICE, "$SYS/#")).isEqualTo(Verdict.ALLOW);
    assertThat(subscribe(away, "$SYS/#")).isEqualTo(Verdict.DENY);
    assertThat(subscribe(away, "$SYS/broker/uptime", rule)).isEqualTo(Verdict.ALLOW);
    assertThat(subscribe(ALICE, "$events/client/+")).isEqualTo(Verdict.ALLOW);
    assertThat(subscribe(away, "$events/client/+")).isEqualTo(Verdict.DENY);
    assertThat(subscribe(away, "a/#")).isEqualTo(Verdict.ALLOW);
  }

  private static Client at(String address) throws Exception {
    SocketAddress from = new InetSocketAddress(InetAddress.getByName(address), 1);
    return new Client("far", "carol", ProtocolVersion.MQTT_5, from, null, "default", true);
  }

  private static Verdict publish(Client client, String topic, Rule... rules) {
    return new Rules(List.of(rules)).mayPublish(client, topic, 1, false, later -> {});
  }

  private static Verdict subscribe(Client client, String filter, Rule... rules) {
    return new Rules(List.of(rules)).maySubscribe(client, filter, 1, later -> {});
  }
}
