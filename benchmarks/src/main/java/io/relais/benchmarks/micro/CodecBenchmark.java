package io.relais.benchmarks.micro;

import io.relais.protocol.AckView;
import io.relais.protocol.MalformedPacket;
import io.relais.protocol.Packet;
import io.relais.protocol.PacketDecoder;
import io.relais.protocol.PacketEncoder;
import io.relais.protocol.PacketType;
import io.relais.protocol.Properties;
import io.relais.protocol.Property;
import io.relais.protocol.ProtocolVersion;
import io.relais.protocol.PublishView;
import io.relais.protocol.ReasonCode;
import io.relais.protocol.Sender;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/// Between bytes and packets: a PUBLISH of 256 bytes at QoS 1, in MQTT 5.0 with a content type and
/// a user property, and its PUBACK. The view is what the message path uses, the record what
/// everything else does.
///
/// Owner: JMH's one thread.
@State(Scope.Benchmark)
public class CodecBenchmark {
  @Param({"MQTT_3_1_1", "MQTT_5"})
  private ProtocolVersion version = ProtocolVersion.MQTT_3_1_1;

  private final PublishView publishView = new PublishView();
  private final AckView ackView = new AckView();
  private Packet publish = publish(Properties.NONE);
  private final Packet puback = new Packet.Puback(7, ReasonCode.SUCCESS, Properties.NONE);
  private byte[] publishBytes = {};
  private byte[] pubackBytes = {};
  private final byte[] out = new byte[1024];

  private static Packet publish(Properties properties) {
    return new Packet.Publish(false, 1, false, "load/p2p/7", 7, properties, new byte[256]);
  }

  @Setup
  public void encode() {
    if (version.isV5()) {
      publish =
          publish(
              Properties.builder()
                  .add(Property.CONTENT_TYPE, "application/json")
                  .addUser("site", "north")
                  .build());
    }
    publishBytes = encoded(publish);
    pubackBytes = encoded(puback);
  }

  private byte[] encoded(Packet packet) {
    byte[] bytes = new byte[PacketEncoder.size(packet, version)];
    PacketEncoder.write(packet, version, bytes, 0);
    return bytes;
  }

  @Benchmark
  public PublishView decodePublishAsView() throws MalformedPacket {
    PacketDecoder.publish(
        version, Sender.CLIENT, publishBytes, 0, publishBytes.length, publishView);
    return publishView;
  }

  @Benchmark
  public Packet decodePublishAsRecord() throws MalformedPacket {
    return PacketDecoder.decode(version, Sender.CLIENT, publishBytes, 0, publishBytes.length);
  }

  @Benchmark
  public AckView decodeAckAsView() throws MalformedPacket {
    PacketDecoder.ack(version, pubackBytes, 0, pubackBytes.length, ackView);
    return ackView;
  }

  @Benchmark
  public Packet decodeAckAsRecord() throws MalformedPacket {
    return PacketDecoder.decode(version, Sender.CLIENT, pubackBytes, 0, pubackBytes.length);
  }

  @Benchmark
  public byte[] encodePublish() {
    PacketEncoder.write(publish, version, out, 0);
    return out;
  }

  @Benchmark
  public byte[] encodeAck() {
    PacketEncoder.writeAck(out, 0, PacketType.PUBACK, 7, 0, version);
    return out;
  }
}
