package io.relais.broker;

import io.netty.buffer.ByteBuf;
import io.relais.protocol.PacketEncoder;
import io.relais.protocol.PublishView;
import io.relais.storage.Message;
import org.jspecify.annotations.Nullable;

/// The message that a loop is delivering: its parts, wherever they lie, and the frames made of
/// them, each encoded once for a version and kind of QoS however many subscribers get it. Reused
/// for each message.
///
/// Owner: the loop. Limits: none of its own; the arrays it points into are valid until the next
/// message begins.
final class Delivery {
  private static final byte[] NONE = {};
  private static final int SCRATCH_KEPT_MAX = 1 << 20;
  private static final int FORMS = 4;

  /// From this size on a payload is not copied for each subscriber, bytes.
  private static final int SHARED_MIN = 64 * 1024;

  private final Counters counters;
  private final int loop;
  private @Nullable RouteCache metered; // where meters are found; null: there are none
  private TopicMeter @Nullable [] meters; // of the message at hand

  // What is delivered.
  private byte[] topicArray = NONE;
  private int topicStart;
  private int topicLength;
  private byte[] propertyArray = NONE;
  private int propertyStart;
  private int propertyLength;
  private byte[] payloadArray = NONE;
  private int payloadStart;
  private int payloadLength;
  private byte[] forwardable = NONE; // the properties of a PUBLISH without those of the hop
  private String topic = "";
  private int qos;
  private boolean retain;
  private long expiresAtMillis;
  private @Nullable String publisher;
  private boolean kept;
  private @Nullable Message message;
  private @Nullable ByteBuf shared; // the payload, for all outboxes at once
  private boolean sentStraight; // the payload to one subscriber, from where it lies
  private @Nullable Story story; // of a message that is followed
  private long nowMillis;

  // The frames made of it, by version and whether a packet id stands in it.
  private final byte[][] frames = {NONE, NONE, NONE, NONE};
  private final byte[][] scratch = {NONE, NONE, NONE, NONE};
  private final int[] frameStart = new int[FORMS];
  private final int[] headLength = new int[FORMS]; // all before the payload; 0: not made yet
  private final int[] idAt = new int[FORMS]; // from the start of the frame

  /// @param loop whose it is
  Delivery(Counters counters, int loop) {
    this.counters = counters;
    this.loop = loop;
  }

  /// @param routes where the meters of a topic are found from now on; null: there are none
  void meterBy(@Nullable RouteCache routes) {
    metered = routes;
  }

  private TopicMeter @Nullable [] meters(Message of) {
    return metered == null ? null : metered.of(of.topic(), of.topicBytes()).meters();
  }

  /// The message comes into the broker.
  void meterIn(TopicMeter[] by) {
    for (TopicMeter meter : by) {
      meter.in(loop, qos, payloadLength);
    }
  }

  /// Points at a PUBLISH as it lies in an array.
  ///
  /// @param kept it is also on its way into queues, which persistent sessions read
  void begin(
      PublishView view,
      Route route,
      @Nullable String publisher,
      long expiresAtMillis,
      long nowMillis,
      boolean kept) {
    end();
    this.topic = route.topic();
    this.meters = route.meters();
    this.topicArray = route.topicBytes();
    this.topicStart = 0;
    this.topicLength = topicArray.length;
    this.payloadArray = view.array();
    this.payloadStart = view.payloadStart();
    this.payloadLength = view.end() - view.payloadStart();
    this.qos = view.qos();
    this.retain = view.retain();
    this.expiresAtMillis = expiresAtMillis;
    this.nowMillis = nowMillis;
    this.publisher = publisher;
    this.kept = kept;
    this.message = null;
    clearFrames();
    boolean aliased = view.topicAlias() != 0;
    if (!aliased && view.messageExpirySeconds() < 0) {
      propertyArray = view.array();
      propertyStart = view.propertiesStart();
      propertyLength = view.propertiesEnd() - view.propertiesStart();
    } else {
      propertyLength = view.forwardableLength();
      if (forwardable.length < propertyLength) {
        forwardable = new byte[Math.max(256, propertyLength)];
      }
      view.copyForwardable(forwardable, 0);
      propertyArray = forwardable;
      propertyStart = 0;
    }
    if (!aliased) {
      // The frame as it came is the frame for its own version and kind of QoS.
      int form = form(view.version().isV5(), qos > 0);
      frames[form] = view.array();
      frameStart[form] = view.start();
      headLength[form] = view.payloadStart() - view.start();
      idAt[form] = qos > 0 ? view.packetIdStart() - view.start() : 0;
    }
  }

  /// Points at a message of the store, or of a backlog.
  void begin(Message message, long nowMillis, boolean kept) {
    end();
    this.topic = message.topic();
    this.meters = meters(message);
    this.topicArray = message.topicBytes();
    this.topicStart = 0;
    this.topicLength = topicArray.length;
    this.propertyArray = message.properties();
    this.propertyStart = 0;
    this.propertyLength = propertyArray.length;
    this.payloadArray = message.payload();
    this.payloadStart = 0;
    this.payloadLength = payloadArray.length;
    this.qos = message.qos();
    this.retain = message.retain();
    this.expiresAtMillis = message.expiresAtMillis();
    this.nowMillis = nowMillis;
    this.publisher = message.publisher();
    this.kept = kept;
    this.message = message;
    clearFrames();
  }

  private void clearFrames() {
    sentStraight = false;
    for (int i = 0; i < FORMS; i++) {
      headLength[i] = 0;
      if (scratch[i].length > SCRATCH_KEPT_MAX) {
        scratch[i] = NONE;
      }
    }
  }

  /// Lets go of arrays that the loop uses for other things.
  void end() {
    message = null;
    story = null;
    payloadArray = NONE;
    propertyArray = NONE;
    if (shared != null) {
      shared.release();
      shared = null;
    }
  }

  /// Whether this message is being delivered already.
  boolean isOf(Message other) {
    return message == other;
  }

  /// What becomes of this message is noted down there, until the next one begins.
  void follow(@Nullable Story in) {
    story = in;
  }

  @Nullable Story story() {
    return story;
  }

  int qos() {
    return qos;
  }

  String topic() {
    return topic;
  }

  boolean retain() {
    return retain;
  }

  int payloadBytes() {
    return payloadLength;
  }

  boolean isKept() {
    return kept;
  }

  @Nullable String publisher() {
    return publisher;
  }

  int payloadLength() {
    return payloadLength;
  }

  long expiresAtMillis() {
    return expiresAtMillis;
  }

  /// The message as one that can be kept; made once.
  Message message() {
    Message made = message;
    if (made == null) {
      made =
          new Message(
              topic,
              topicArray,
              copy(payloadArray, payloadStart, payloadLength),
              copy(propertyArray, propertyStart, propertyLength),
              qos,
              retain,
              expiresAtMillis,
              publisher);
      message = made;
    }
    return made;
  }

  private static byte[] copy(byte[] array, int start, int length) {
    return length == 0 ? NONE : java.util.Arrays.copyOfRange(array, start, start + length);
  }

  /// Writes a PUBLISH without anything of the subscriber's own but QoS, flags and packet id.
  ///
  /// @param packetId 0 at QoS 0
  /// @return bytes written, or -1 if the frame passes `lengthMax` and nothing was written
  int write(
      Outbox out, boolean v5, int qos, boolean retain, boolean dup, int packetId, int lengthMax) {
    int form = form(v5, qos > 0);
    if (headLength[form] == 0) {
      encode(form, v5, qos > 0);
    }
    int head = headLength[form];
    int length = head + payloadLength;
    if (length > lengthMax) {
      return -1;
    }
    boolean copies = payloadLength < SHARED_MIN;
    int at = out.room(copies ? length : head);
    byte[] to = out.array();
    System.arraycopy(frames[form], frameStart[form], to, at, head);
    if (copies) {
      System.arraycopy(payloadArray, payloadStart, to, at + head, payloadLength);
    }
    to[at] = header(qos, retain, dup);
    if (qos > 0) {
      to[at + idAt[form]] = (byte) (packetId >> 8);
      to[at + idAt[form] + 1] = (byte) packetId;
    }
    if (!copies) {
      writePayload(out);
    }
    countSent(length, qos);
    return length;
  }

  /// Writes a PUBLISH of MQTT 5.0 with the subscriber's identifiers or a topic alias in it.
  ///
  /// @param alias 0: none
  /// @param aliasIsKnown the topic itself is left out
  int writeOwn(
      Outbox out,
      int qos,
      boolean retain,
      boolean dup,
      int packetId,
      int[] subscriptionIds,
      int alias,
      boolean aliasIsKnown,
      int lengthMax) {
    int own = alias == 0 ? 0 : 3;
    for (int id : subscriptionIds) {
      own += 1 + PacketEncoder.variableSize(id);
    }
    int topicBytes = aliasIsKnown ? 0 : topicLength;
    int properties = propertyLength + expiryLength() + own;
    int remaining =
        2
            + topicBytes
            + (qos > 0 ? 2 : 0)
            + PacketEncoder.variableSize(properties)
            + properties
            + payloadLength;
    int length = 1 + PacketEncoder.variableSize(remaining) + remaining;
    if (length > lengthMax) {
      return -1;
    }
    boolean copies = payloadLength < SHARED_MIN;
    int at = out.room(copies ? length : length - payloadLength);
    byte[] to = out.array();
    to[at++] = header(qos, retain, dup);
    at = PacketEncoder.writeVariable(to, at, remaining);
    at = PacketEncoder.writeShort(to, at, topicBytes);
    System.arraycopy(topicArray, topicStart, to, at, topicBytes);
    at += topicBytes;
    if (qos > 0) {
      at = PacketEncoder.writeShort(to, at, packetId);
    }
    at = PacketEncoder.writeVariable(to, at, properties);
    if (alias != 0) {
      to[at++] = 0x23;
      at = PacketEncoder.writeShort(to, at, alias);
    }
    for (int id : subscriptionIds) {
      to[at++] = 0x0B;
      at = PacketEncoder.writeVariable(to, at, id);
    }
    at = writeExpiry(to, at);
    System.arraycopy(propertyArray, propertyStart, to, at, propertyLength);
    at += propertyLength;
    if (copies) {
      System.arraycopy(payloadArray, payloadStart, to, at, payloadLength);
    } else {
      writePayload(out);
    }
    countSent(length, qos);
    return length;
  }

  /// To the first subscriber as far as its socket takes it now; the rest, and all of the others, is
  /// in one copy that waits for the sockets.
  private void writePayload(Outbox out) {
    int sent = 0;
    if (!sentStraight) {
      sentStraight = true;
      sent = out.sendStraight(payloadArray, payloadStart, payloadLength);
    }
    if (sent < payloadLength) {
      out.append(sharedPayload(out).skipBytes(sent));
    }
  }

  /// A reference for one outbox to the one copy of the payload.
  private ByteBuf sharedPayload(Outbox out) {
    ByteBuf once = shared;
    if (once == null) {
      once = out.allocate(payloadLength);
      once.writeBytes(payloadArray, payloadStart, payloadLength);
      shared = once;
    }
    return once.retainedDuplicate();
  }

  private void countSent(int length, int qos) {
    counters.increment(Counter.PUBLISH_SENT);
    counters.add(Counter.PUBLISH_BYTES_SENT, payloadLength);
    counters.increment(Counter.PACKETS_SENT);
    counters.add(Counter.BYTES_SENT, length);
    TopicMeter[] by = meters;
    if (by != null) {
      for (TopicMeter meter : by) {
        meter.out(loop, qos, payloadLength);
      }
    }
  }

  private static int form(boolean v5, boolean withId) {
    return (v5 ? 2 : 0) + (withId ? 1 : 0);
  }

  private static byte header(int qos, boolean retain, boolean dup) {
    return (byte) (0x30 | (dup ? 8 : 0) | qos << 1 | (retain ? 1 : 0));
  }

  private void encode(int form, boolean v5, boolean withId) {
    int properties = v5 ? propertyLength + expiryLength() : 0;
    int remaining =
        2
            + topicLength
            + (withId ? 2 : 0)
            + (v5 ? PacketEncoder.variableSize(properties) + properties : 0)
            + payloadLength;
    int head = 1 + PacketEncoder.variableSize(remaining) + remaining - payloadLength;
    if (scratch[form].length < head) {
      scratch[form] = new byte[Math.max(1024, head + (head >> 1))];
    }
    byte[] to = scratch[form];
    int at = 1;
    at = PacketEncoder.writeVariable(to, at, remaining);
    at = PacketEncoder.writeShort(to, at, topicLength);
    System.arraycopy(topicArray, topicStart, to, at, topicLength);
    at += topicLength;
    idAt[form] = at;
    at += withId ? 2 : 0;
    if (v5) {
      at = PacketEncoder.writeVariable(to, at, properties);
      at = writeExpiry(to, at);
      System.arraycopy(propertyArray, propertyStart, to, at, propertyLength);
    }
    frames[form] = to;
    frameStart[form] = 0;
    headLength[form] = head;
  }

  private int expiryLength() {
    return expiresAtMillis == 0 ? 0 : 5;
  }

  /// What is left of the time, rounded up, so that a message sent on at once keeps its value.
  /// [MQTT-3.3.2-6]
  private int writeExpiry(byte[] to, int at) {
    if (expiresAtMillis == 0) {
      return at;
    }
    long seconds = Math.max(0, (expiresAtMillis - nowMillis + 999) / 1000);
    to[at++] = 0x02;
    to[at++] = (byte) (seconds >> 24);
    to[at++] = (byte) (seconds >> 16);
    to[at++] = (byte) (seconds >> 8);
    to[at++] = (byte) seconds;
    return at;
  }
}
