package io.relais.broker.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.relais.broker.access.Ban.Kind;
import io.relais.protocol.ProtocolVersion;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BanListTest {
  private static final long NOW = 1_000;

  @ParameterizedTest
  @CsvSource(
      nullValues = "null",
      value = {
        "a, a, true",
        "a, b, false",
        "a*, a, true",
        "*, '', true",
        "'', '', true",
        "'', a, false",
        "a?, a, false",
        "a?c, abc, true",
        "a?c, a😀c, true",
        "a??c, a😀c, false",
        "*😀, 😀😀, true",
        "*b*d, abcd, true",
        "*b*d, abcde, false",
        "a*a, a, false",
        "**?, x, true",
        "*aab, aaaaab, true",
        "a*b, a*b, true",
      })
  void a_pattern_takes_in_all_of_a_text(String pattern, String text, boolean matches) {
    assertThat(BanList.matches(pattern, text)).isEqualTo(matches);
  }

  @Test
  void a_ban_holds_until_its_end() {
    BanList bans = new BanList(List.of(new Ban(Kind.CLIENT, "a", 2_000)));
    Client client = client("a", null, "192.0.2.1");

    assertThat(bans.of(client, 1_999)).isNotNull();
    assertThat(bans.of(client, 2_000)).isNull();
  }

  @Test
  void an_address_is_the_same_in_each_way_to_write_it() {
    assertThat(Ban.of(Kind.ADDRESS, "::ffff:192.0.2.1", NOW))
        .isEqualTo(Ban.of(Kind.ADDRESS, "192.0.2.1/32", NOW));
    assertThat(Ban.of(Kind.ADDRESS, "2001:DB8:0::1", NOW))
        .isEqualTo(Ban.of(Kind.ADDRESS, "2001:db8::1", NOW));
  }

  @Test
  void what_is_no_address_or_too_long_a_pattern_is_said() {
    assertThatThrownBy(() -> Ban.of(Kind.ADDRESS, "10.0.0.0/99", NOW))
        .hasMessageContaining("'10.0.0.0/99' is no range");
    assertThatThrownBy(() -> Ban.of(Kind.CLIENT_PATTERN, "x".repeat(257), NOW))
        .hasMessageContaining("at most 256");
  }

  @Test
  void a_client_without_an_address_is_banned_by_its_names_only() {
    BanList bans = new BanList(List.of(Ban.of(Kind.ADDRESS, "0.0.0.0/0", Long.MAX_VALUE)));
    SocketAddress nowhere = InetSocketAddress.createUnresolved("", 0);

    assertThat(bans.ofAddress(nowhere, NOW)).isNull();
  }

  @Test
  void it_finds_what_a_naive_list_finds() {
    long first = System.nanoTime();
    for (long seed = first; seed < first + 2_000; seed++) {
      var random = new Random(seed);
      Map<String, Ban> bans = new HashMap<>();
      for (int i = random.nextInt(8); i > 0; i--) {
        Ban ban = ban(random);
        bans.put(ban.kind() + ban.value(), ban);
      }
      List<Ban> all = new ArrayList<>(bans.values());
      var list = new BanList(all);
      for (int i = 0; i < 10; i++) {
        Client client = randomClient(random);

        boolean found = list.of(client, NOW) != null;

        assertThat(found)
            .as("seed %d: %s by %s", seed, client, all)
            .isEqualTo(all.stream().anyMatch(ban -> holds(ban, client)));
      }
    }
  }

  private static Ban ban(Random random) {
    Kind kind = Kind.values()[random.nextInt(Kind.values().length)];
    String value =
        switch (kind) {
          case CLIENT, USER -> word(random, "ab");
          case CLIENT_PATTERN, USER_PATTERN -> word(random, "ab*?");
          case ADDRESS -> {
            String address = address(random);
            yield switch (random.nextInt(3)) {
              case 0 -> address;
              case 1 -> address + "/" + (random.nextInt(5) + 28);
              default -> address + "/" + random.nextInt(33);
            };
          }
        };
    return Ban.of(kind, value, random.nextInt(4) == 0 ? NOW : NOW + 1);
  }

  private static String word(Random random, String letters) {
    var word = new StringBuilder();
    for (int i = random.nextInt(5); i > 0; i--) {
      word.append(letters.charAt(random.nextInt(letters.length())));
    }
    return word.toString();
  }

  private static String address(Random random) {
    String address = "10.0.0." + random.nextInt(8);
    return address;
  }

  private static Client randomClient(Random random) {
    String address = address(random);
    return client(
        word(random, "ab"),
        random.nextInt(3) == 0 ? null : word(random, "ab"),
        random.nextBoolean() ? address : "::ffff:" + address);
  }

  private static Client client(String clientId, @Nullable String username, String address) {
    try {
      SocketAddress from = new InetSocketAddress(InetAddress.getByName(address), 1);
      return new Client(clientId, username, ProtocolVersion.MQTT_5, from, null, "default", true);
    } catch (UnknownHostException e) {
      throw new AssertionError(e);
    }
  }

  /// Spelled out.
  private static boolean holds(Ban ban, Client client) {
    if (ban.untilMillis() <= NOW) {
      return false;
    }
    String username = client.username();
    return switch (ban.kind()) {
      case CLIENT -> ban.value().equals(client.clientId());
      case USER -> ban.value().equals(username);
      case ADDRESS -> AddressRange.parse(ban.value()).contains(client.address());
      case CLIENT_PATTERN -> client.clientId().matches(expression(ban.value()));
      case USER_PATTERN -> username != null && username.matches(expression(ban.value()));
    };
  }

  private static String expression(String pattern) {
    return pattern.replace("*", ".*").replace("?", ".");
  }
}
