package io.relais.broker;

import io.relais.broker.access.Client;
import io.relais.protocol.PacketType;
import io.relais.protocol.ReasonCode;
import io.relais.storage.DropReason;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/// What became of one PUBLISH, step by step, as far as it was noted down while it happened.
///
/// Owner: begun by the loop that publishes; other loops and the applier's answers add steps, anyone
/// reads. Limits: [#STEPS_MAX] steps and [#TOLD_MAX] subscribers of each loop; others are counted.
public final class Story {
  static final int STEPS_MAX = 200;
  static final int TOLD_MAX = 50;

  /// One step.
  ///
  /// @param micros since the message came
  public record Step(long micros, String step, String outcome, String detail) {}

  /// How it came out.
  public enum Ending {
    DELIVERED,
    QUEUED,
    NO_SUBSCRIBER,
    DENIED,
    DROPPED;

    public String label() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  private final long micros;
  private final int loop;
  private final long beganNanos = System.nanoTime();
  private final @Nullable String clientId;
  private volatile @Nullable Client client;
  private final String topic;
  private final int qos;
  private final boolean retain;
  private final int packetId;
  private final int payloadBytes;
  private final Watch[] watches;
  private final Queue<Step> steps = new ConcurrentLinkedQueue<>();
  private final AtomicInteger stepCount = new AtomicInteger();
  private final AtomicIntegerArray deliveries =
      new AtomicIntegerArray(DeliveryOutcome.values().length);
  private volatile boolean kept;
  private volatile @Nullable Ending refused;

  Story(
      Timeline timeline,
      @Nullable String clientId,
      String topic,
      int qos,
      boolean retain,
      int packetId,
      int payloadBytes,
      Watch[] watches) {
    this.micros = timeline.micros();
    this.loop = timeline.loop();
    this.clientId = clientId;
    this.topic = topic;
    this.qos = qos;
    this.retain = retain;
    this.packetId = packetId;
    this.payloadBytes = payloadBytes;
    this.watches = watches;
  }

  /// Since 1970; with the loop it tells messages apart.
  public long micros() {
    return micros;
  }

  public int loop() {
    return loop;
  }

  /// Of the publisher, of its will and its delayed messages too; null: an operator, or the broker.
  public @Nullable String clientId() {
    return clientId;
  }

  /// Who published it, as it was then; null: it is the broker's own, like a will.
  public @Nullable Client client() {
    return client;
  }

  void by(Client who) {
    client = who;
  }

  public String topic() {
    return topic;
  }

  public int qos() {
    return qos;
  }

  public boolean retain() {
    return retain;
  }

  public int packetId() {
    return packetId;
  }

  public int payloadBytes() {
    return payloadBytes;
  }

  public List<Step> steps() {
    Iterator<Step> all = steps.iterator();
    Iterable<Step> iterable = () -> all;
    return StreamSupport.stream(iterable.spliterator(), false).toList();
  }

  public Ending ending() {
    Ending no = refused;
    if (no != null) {
      return no;
    }
    if (deliveries.get(DeliveryOutcome.SENT.ordinal()) > 0) {
      return Ending.DELIVERED;
    }
    if (kept
        || deliveries.get(DeliveryOutcome.QUEUED.ordinal()) > 0
        || deliveries.get(DeliveryOutcome.KEPT.ordinal()) > 0) {
      return Ending.QUEUED;
    }
    return deliveries.get(DeliveryOutcome.DROPPED.ordinal()) > 0
        ? Ending.DROPPED
        : Ending.NO_SUBSCRIBER;
  }

  // ---- steps

  void add(String step, String outcome, String detail) {
    if (stepCount.incrementAndGet() > STEPS_MAX) {
      return;
    }
    long after = (System.nanoTime() - beganNanos) / 1_000;
    steps.add(new Step(after, step, outcome, detail));
    for (Watch watch : watches) {
      watch
          .told()
          .accept(
              new TimelineEntry(
                  micros + after,
                  loop,
                  clientId == null ? "" : clientId,
                  null,
                  "",
                  TimelineEntry.Direction.NOTE,
                  PacketType.PUBLISH,
                  0,
                  packetId,
                  topic,
                  step + " " + outcome + ": " + detail,
                  null));
    }
  }

  void refused(String step, Ending how, String why) {
    refused = how;
    add(step, how.label(), why);
  }

  void kept(int matched) {
    kept = matched > 0;
  }

  void acknowledged(ReasonCode reason) {
    add("acknowledge", reason.isError() ? "refused" : "acknowledged", reason(reason));
  }

  private static String reason(ReasonCode reason) {
    return "0x%02X %s"
        .formatted(reason.code(), reason.name().toLowerCase(Locale.ROOT).replace('_', ' '));
  }

  /// @param why it was dropped, if it was
  void delivered(
      String to, String filters, int qos, DeliveryOutcome outcome, @Nullable DropReason why) {
    if (outcome == DeliveryOutcome.KEPT) {
      return; // told by what the store matched
    }
    String word = outcome.name().toLowerCase(Locale.ROOT);
    String detail =
        switch (outcome) {
          case SENT -> "to '%s' by %s at QoS %d".formatted(to, filters, qos);
          case QUEUED ->
              "for '%s' by %s at QoS %d: it waits for its window or its socket"
                  .formatted(to, filters, qos);
          case DROPPED ->
              "for '%s' by %s: %s".formatted(to, filters, why == null ? "?" : why.label());
          case KEPT -> throw new IllegalStateException("told above");
        };
    add("deliver", word, detail);
  }

  /// How many subscribers of a loop fared how.
  void count(int[] outcomes, int told) {
    int all = 0;
    for (int i = 0; i < outcomes.length; i++) {
      deliveries.addAndGet(i, outcomes[i]);
      all += outcomes[i];
    }
    if (all > told) {
      add("deliver", "more", (all - told) + " subscribers more");
    }
  }
}
