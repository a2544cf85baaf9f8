package io.relais.broker;

import io.netty.buffer.ByteBuf;
import io.netty.channel.embedded.EmbeddedChannel;
import io.relais.cluster.Standalone;
import io.relais.protocol.MalformedPacket;
import io.relais.protocol.Packet;
import io.relais.protocol.PacketDecoder;
import io.relais.protocol.PacketEncoder;
import io.relais.protocol.Properties;
import io.relais.protocol.ProtocolVersion;
import io.relais.protocol.PublishView;
import io.relais.protocol.Sender;
import io.relais.storage.table.HeapTables;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.List;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/// The way out of a PUBLISH of 256 bytes at QoS 1: made for its subscribers by a [Delivery],
/// gathered in an [Outbox], and passed to the channel at the end of the loop's turn, 64 messages
/// each. The channel has no socket below it, so the system call is not in the figures.
///
/// In this package since the types are its own.
///
/// Owner: JMH's one thread, which is the loop as well.
@State(Scope.Benchmark)
public class OutputBenchmark {
  private static final int TURN = 64;
  private static final int PAYLOAD = 256;
  private static final String TOPIC = "load/p2p/7";

  /// Of the subscriber; the publisher speaks 3.1.1.
  @Param({"MQTT_3_1_1", "MQTT_5"})
  private ProtocolVersion version = ProtocolVersion.MQTT_3_1_1;

  private final EmbeddedChannel channel = new EmbeddedChannel();
  private final Drops drops = new Drops();
  private final Standalone door =
      new Standalone(
          "micro",
          new HeapTables(),
          0,
          new NodeEffects(new Directory(), new Dispatchers(), drops, InstantSource.system()),
          List.of(),
          failure -> {
            throw new IllegalStateException(failure);
          });
  private final Router router =
      new Router(new SubscriptionTree(1, SharedPolicy.ROUND_ROBIN), door.durable(), 1, List.of());
  private final Loop loop =
      new Loop(0, channel.eventLoop(), door, router, drops, BrokerSettings.defaults("micro"));
  private final Outbox outbox = new Outbox(loop, channel);
  private final Delivery delivery = new Delivery(loop.counters(), loop.index());
  private final Route route = router.route(TOPIC, TOPIC.getBytes(StandardCharsets.UTF_8));
  private final PublishView view = new PublishView();

  @Setup
  public void decode() throws MalformedPacket {
    Packet publish =
        new Packet.Publish(false, 1, false, TOPIC, 7, Properties.NONE, new byte[PAYLOAD]);
    ProtocolVersion from = ProtocolVersion.MQTT_3_1_1;
    byte[] bytes = new byte[PacketEncoder.size(publish, from)];
    PacketEncoder.write(publish, from, bytes, 0);
    PacketDecoder.publish(from, Sender.CLIENT, bytes, 0, bytes.length, view);
  }

  /// Each message has one subscriber.
  @Benchmark
  @OperationsPerInvocation(TURN)
  public int messagesForOne() {
    for (int i = 1; i <= TURN; i++) {
      delivery.begin(view, route, null, 0, 0, false);
      delivery.write(outbox, version.isV5(), 1, false, false, i, Integer.MAX_VALUE);
    }
    return endTurn();
  }

  /// One message for subscribers that share an encoding.
  @Benchmark
  @OperationsPerInvocation(TURN)
  public int messageForMany() {
    delivery.begin(view, route, null, 0, 0, false);
    for (int i = 1; i <= TURN; i++) {
      delivery.write(outbox, version.isV5(), 1, false, false, i, Integer.MAX_VALUE);
    }
    return endTurn();
  }

  /// @return how many bytes went to the channel; a turn that lost some would be measured as fast
  private int endTurn() {
    channel.runPendingTasks();
    int bytes = 0;
    for (ByteBuf sent = channel.readOutbound(); sent != null; sent = channel.readOutbound()) {
      bytes += sent.readableBytes();
      sent.release();
    }
    if (bytes < TURN * PAYLOAD) {
      throw new IllegalStateException(
          "%d messages of %d bytes went in, only %d bytes came out"
              .formatted(TURN, PAYLOAD, bytes));
    }
    return bytes;
  }

  @TearDown
  public void close() {
    outbox.close();
    channel.finishAndReleaseAll();
  }
}
