package io.relais.broker.listener;

import io.relais.broker.access.AddressRange;
import java.net.InetAddress;
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
    return ranges.stream().anyMatch(range -> range.contains(address));
  }

  boolean contains(InetAddress address) {
    return ranges.stream().anyMatch(range -> range.contains(address));
  }
}
