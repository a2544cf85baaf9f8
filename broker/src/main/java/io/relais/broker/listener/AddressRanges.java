package io.relais.broker.listener;

import io.relais.broker.access.AddressRange;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A set of addresses.
///
/// Owner: immutable.
final class AddressRanges {
  private final List<AddressRange> ranges;

  private AddressRanges(List<AddressRange> ranges) {
    this.ranges = ranges;
  }

  /// @throws IllegalArgumentException with a sentence that says what is wrong
  static AddressRanges parse(List<String> texts) {
    return new AddressRanges(texts.stream().map(AddressRange::parse).toList());
  }

  boolean contains(@Nullable SocketAddress address) {
    return address instanceof InetSocketAddress internet
        && internet.getAddress() != null
        && contains(internet.getAddress());
  }

  boolean contains(InetAddress address) {
    for (AddressRange range : ranges) {
      if (range.contains(address)) {
        return true;
      }
    }
    return false;
  }
}
