package io.relais.protocol;

/// The fuzz target of the decoder, in the form that Jazzer takes: the first byte picks version and
/// sender, the rest is the packet. Anything but a packet or a [MalformedPacket] is a finding, and
/// so is a packet that does not survive the round trip.
///
/// [DecoderFuzzTest] runs it over its seeds with every build, writes them for Jazzer, and tells how
/// to search on from there.
public final class DecoderFuzz {
  private DecoderFuzz() {}

  public static void fuzzerTestOneInput(byte[] input) {
    if (input.length == 0) {
      return;
    }
    ProtocolVersion[] versions = ProtocolVersion.values();
    ProtocolVersion v = versions[(input[0] >> 1 & 0x7F) % versions.length];
    Sender from = (input[0] & 1) == 0 ? Sender.CLIENT : Sender.SERVER;
    Packet packet;
    try {
      packet = PacketDecoder.decode(v, from, input, 1, input.length);
    } catch (MalformedPacket refused) {
      return;
    }
    byte[] written = new byte[PacketEncoder.size(packet, v)];
    int stop = PacketEncoder.write(packet, v, written, 0);
    if (stop != written.length) {
      throw new IllegalStateException("size() says " + written.length + ", write() " + stop);
    }
    try {
      Packet again = PacketDecoder.decode(v, from, written, 0, stop);
      if (!again.equals(packet)) {
        throw new IllegalStateException(packet + " came back as " + again);
      }
    } catch (MalformedPacket refused) {
      throw new IllegalStateException(packet + " does not decode once written", refused);
    }
  }

  /// The input that makes the target decode this packet.
  static byte[] input(ProtocolVersion v, Sender from, byte[] packet) {
    byte[] input = new byte[1 + packet.length];
    input[0] = (byte) ((v.level() - 3) << 1 | (from == Sender.CLIENT ? 0 : 1));
    System.arraycopy(packet, 0, input, 1, packet.length);
    return input;
  }
}
