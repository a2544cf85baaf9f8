package io.relais.systemtests.model;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import io.relais.protocol.Packet;
import io.relais.protocol.Properties;
import io.relais.protocol.Property;
import io.relais.protocol.ProtocolVersion;
import io.relais.protocol.ReasonCode;
import io.relais.systemtests.model.SessionModel.Message;
import io.relais.testkit.BrokerUnderTest;
import io.relais.testkit.Connecting;
import io.relais.testkit.MqttSocket;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A client of a history: it keeps the protocol by hand, gives acks or withholds them by chance,
/// and holds what arrives against its session's model.
///
/// Owner: the thread that runs the history.
final class Participant implements AutoCloseable {
  private static final int PACKETS_MAX = 100_000;

  private final String id;
  private final ProtocolVersion version;
  private final BrokerUnderTest broker;
  private final Random random;
  private final int receiveMaximum;

  /// The present session, which ends with the connection or outlives it; null where none is.
  private @Nullable SessionModel session;

  private boolean lasting;
  private @Nullable MqttSocket socket;
  private boolean ackingAll;
  private int lastPacketId;
  private int lastNumber;

  /// Arrived at QoS 1 or 2 on this connection and not finished: packet id to payload.
  private final Map<Integer, String> open = new HashMap<>();

  /// Ids of QoS 2 messages that arrived in this session and were not released.
  private final Set<Integer> unreleased = new HashSet<>();

  /// Seen in this session on an earlier connection, so that coming again is no fault at QoS 1.
  private final Set<String> unacked = new HashSet<>();

  /// Sent, and cut off before its ack.
  private @Nullable Message unsure;

  private int unsureId;

  Participant(String id, ProtocolVersion version, BrokerUnderTest broker, Random random) {
    this.id = id;
    this.version = version;
    this.broker = broker;
    this.random = random;
    this.receiveMaximum = 1 + random.nextInt(12);
  }

  @Nullable SessionModel session() {
    return session;
  }

  boolean isConnected() {
    return socket != null;
  }

  String conversation() {
    return socket == null ? id + " is not connected" : socket.conversation();
  }

  /// Connects, also while connected: then it takes over from itself.
  ///
  /// @param wanted the session outlives the connection; in 3.x a clean one does not
  /// @return a message that it has to send again, if any, by [#resend()]
  @Nullable Message connect(boolean clean, boolean wanted) {
    boolean lasting = wanted && (version.isV5() || !clean);
    boolean present = !clean && session != null && this.lasting;
    MqttSocket former = socket;
    MqttSocket next = new MqttSocket(id, broker.link(), version);
    socket = next;
    Packet.Connack connack = next.connect(id, how -> connecting(how, clean, lasting));
    if (former != null) {
      former.close();
      if (session != null) {
        session.disconnected();
      }
    }
    if (version != ProtocolVersion.MQTT_3_1 && connack.sessionPresent() != present) {
      throw new AssertionError(
          "%s: Session Present is %s, not %s".formatted(id, connack.sessionPresent(), present));
    }
    this.lasting = lasting;
    open.clear();
    if (!present) {
      session = new SessionModel();
      unreleased.clear();
      unacked.clear();
      unsure = null;
    }
    return unsure;
  }

  void resend() {
    Message again = requireNonNull(unsure);
    send(again, unsureId, true);
    finish(again, unsureId);
    unsure = null;
  }

  private Connecting connecting(Connecting how, boolean clean, boolean lasting) {
    if (version.isV5()) {
      how.property(Property.RECEIVE_MAXIMUM, receiveMaximum);
      if (lasting) {
        how.sessionExpiry(600);
      }
      return clean ? how : how.resuming();
    }
    // In 3.x one flag says both.
    return lasting ? how.resuming() : how;
  }

  /// Ends the connection.
  ///
  /// @param orderly with DISCONNECT
  void end(boolean orderly) {
    MqttSocket ending = required();
    socket = null;
    if (orderly) {
      ending.send(new Packet.Disconnect(ReasonCode.SUCCESS, Properties.NONE));
      ending.close();
    } else {
      ending.cut();
    }
    if (!lasting) {
      session = null;
    } else if (session != null) {
      session.disconnected();
    }
  }

  /// @param adrift messages that the broker may still be handing over
  void subscribe(String filter, int qos, List<Message> adrift) {
    model().subscribing(filter, qos, adrift);
    int packetId = nextPacketId();
    required().sendSubscribe(packetId, filter, qos);
    Packet.Suback suback = until(Packet.Suback.class);
    if (suback.packetId() != packetId
        || !suback.reasons().equals(List.of(ReasonCode.granted(qos)))) {
      throw new AssertionError(id + ": an unexpected SUBACK: " + suback);
    }
  }

  void unsubscribe(String filter) {
    required().send(new Packet.Unsubscribe(nextPacketId(), Properties.NONE, List.of(filter)));
    until(Packet.Unsuback.class);
    model().unsubscribed(filter);
  }

  /// The next message of this publisher, which nobody has seen yet.
  Message next(String topic, int qos) {
    return new Message(id, ++lastNumber, topic, qos);
  }

  /// Publishes with all acks.
  void publish(Message message) {
    int packetId = message.qos() > 0 ? nextPacketId() : 0;
    send(message, packetId, false);
    if (message.qos() > 0) {
      finish(message, packetId);
    } else {
      pump();
    }
  }

  /// Publishes at QoS 1 or 2 and loses the connection before an ack could be seen.
  void publishAndLose(Message message) {
    unsureId = nextPacketId();
    unsure = message;
    send(message, unsureId, false);
    end(false);
  }

  private void send(Message message, int packetId, boolean dup) {
    required()
        .send(
            new Packet.Publish(
                dup,
                message.qos(),
                false,
                message.topic(),
                packetId,
                Properties.NONE,
                message.payload().getBytes(UTF_8)));
  }

  private void finish(Message message, int packetId) {
    if (message.qos() == 1) {
      accepted(until(Packet.Puback.class).packetId() == packetId, "PUBACK", packetId);
    } else {
      accepted(until(Packet.Pubrec.class).packetId() == packetId, "PUBREC", packetId);
      required().sendPubrel(packetId);
      accepted(until(Packet.Pubcomp.class).packetId() == packetId, "PUBCOMP", packetId);
    }
  }

  private void accepted(boolean fits, String what, int packetId) {
    if (!fits) {
      throw new AssertionError("%s: expected %s %d".formatted(id, what, packetId));
    }
  }

  /// Takes in all that has arrived by now.
  void pump() {
    required().sendPing();
    until(Packet.Pingresp.class);
  }

  /// From now on all acks are given; those that were withheld are forgotten with the connection.
  void ackAll() {
    ackingAll = true;
  }

  private <P extends Packet> P until(Class<P> type) {
    for (int i = 0; i < PACKETS_MAX; i++) {
      Packet packet = required().expectPacket();
      if (type.isInstance(packet)) {
        return type.cast(packet);
      }
      switch (packet) {
        case Packet.Publish publish -> arrived(publish);
        case Packet.Pubrel(int packetId, ReasonCode _, Properties _) -> released(packetId);
        default -> throw new AssertionError(id + ": an unexpected " + packet);
      }
    }
    throw new AssertionError(id + ": no " + type.getSimpleName() + " among many packets");
  }

  private void arrived(Packet.Publish publish) {
    String payload = new String(publish.payload(), UTF_8);
    int packetId = publish.packetId();
    String wrong = "";
    if (publish.qos() == 0) {
      wrong = model().arrived(payload, publish.topic(), 0, false);
    } else {
      if (open.put(packetId, payload) != null) {
        wrong = "its packet id is in use on this connection";
      } else if (version.isV5() && open.size() > receiveMaximum) {
        wrong = "it goes beyond the Receive Maximum of " + receiveMaximum;
      } else if (publish.qos() == 1) {
        boolean again = publish.dup() && unacked.contains(payload);
        wrong = model().arrived(payload, publish.topic(), 1, again);
        unacked.add(payload);
        if (acks()) {
          required().sendPuback(packetId);
          open.remove(packetId);
        }
      } else {
        if (unreleased.add(packetId)) {
          wrong = model().arrived(payload, publish.topic(), 2, false);
        } else if (!publish.dup()) {
          wrong = "it is a repetition without DUP";
        }
        if (acks()) {
          required().sendPubrec(packetId);
        }
      }
    }
    if (!wrong.isEmpty()) {
      throw new AssertionError("%s got %s (\"%s\"): %s".formatted(id, publish, payload, wrong));
    }
  }

  private void released(int packetId) {
    unreleased.remove(packetId);
    if (acks()) {
      required().sendPubcomp(packetId);
      open.remove(packetId);
    }
  }

  private boolean acks() {
    return ackingAll || random.nextInt(5) > 0;
  }

  private int nextPacketId() {
    do {
      lastPacketId = lastPacketId % 0xFFFF + 1;
    } while (unsure != null && lastPacketId == unsureId);
    return lastPacketId;
  }

  private MqttSocket required() {
    if (socket == null) {
      throw new IllegalStateException(id + " is not connected");
    }
    return socket;
  }

  private SessionModel model() {
    if (session == null) {
      throw new IllegalStateException(id + " has no session");
    }
    return session;
  }

  @Override
  public void close() {
    if (socket != null) {
      socket.close();
    }
  }
}
