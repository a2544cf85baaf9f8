package io.relais.broker.listener;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AddressRangesTest {
  @ParameterizedTest
  @CsvSource({
    "10.0.0.0/8, 10.255.1.2, true",
    "10.0.0.0/8, 11.0.0.0, false",
    "192.168.6.0/23, 192.168.7.255, true",
    "192.168.6.0/23, 192.168.8.0, false",
    "203.0.113.7, 203.0.113.7, true",
    "203.0.113.7, 203.0.113.8, false",
    "0.0.0.0/0, 8.8.8.8, true",
    "0.0.0.0/0, 2001:db8::1, false",
    "2001:db8::/33, 2001:db8:7fff::1, true",
    "2001:db8::/33, 2001:db8:8000::1, false",
    "::1, ::1, true"
  })
  void an_address_is_in_its_range(String range, String address, boolean contained)
      throws UnknownHostException {
    assertThat(AddressRanges.parse(List.of(range)).contains(InetAddress.ofLiteral(address)))
        .isEqualTo(contained);
  }

  @Test
  void an_ipv4_address_inside_ipv6_is_the_ipv4_address() throws UnknownHostException {
    byte[] wrapped = new byte[16];
    wrapped[10] = -1;
    wrapped[11] = -1;
    wrapped[12] = 10;
    wrapped[15] = 1;
    InetAddress address = java.net.Inet6Address.getByAddress(null, wrapped, 0);

    assertThat(AddressRanges.parse(List.of("10.0.0.0/8")).contains(address)).isTrue();
    assertThat(AddressRanges.parse(List.of("192.0.2.0/24")).contains(address)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "localhost", "10.0.0.0/33", "10.0.0/8", "::1/129", "10.0.0.0/x"})
  void what_is_no_range_is_refused(String text) {
    assertThatThrownBy(() -> AddressRanges.parse(List.of(text)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'" + text + "' is no range of addresses");
  }
}
