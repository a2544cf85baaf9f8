package io.relais.systemtests.queues;

import static io.relais.protocol.ProtocolVersion.MQTT_5;
import static org.assertj.core.api.Assertions.assertThat;

import io.relais.protocol.PacketType;
import io.relais.systemtests.EmbeddedRelais;
import io.relais.testkit.Clients;
import io.relais.testkit.MqttSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// Shared groups whose members come and go while messages flow: each message to exactly one of
/// them, but for what is sent again with a reason.
class SharedQueueUnderChangeTest {
  private static final int PIPELINED = 20;

  private final Deliveries deliveries = new Deliveries();

  /// Publishes numbers, of QoS 1 and 2 in turn, all acknowledged when it returns.
  static void publish(MqttSocket publisher, String topic, int from, int to, boolean mixed) {
    for (int at = from; at < to; at += PIPELINED) {
      int qos = mixed && at / PIPELINED % 2 == 1 ? 2 : 1;
      List<Integer> ids = new ArrayList<>();
      for (int i = at; i < Math.min(to, at + PIPELINED); i++) {
        int id = publisher.nextPacketId();
        ids.add(id);
        publisher.sendPublish(topic, "" + i, qos, id);
      }
      for (int id : ids) {
        publisher.expectAck(qos == 1 ? PacketType.PUBACK : PacketType.PUBREC, id);
      }
      if (qos == 2) {
        ids.forEach(publisher::sendPubrel);
        ids.forEach(id -> publisher.expectAck(PacketType.PUBCOMP, id));
      }
    }
  }

  private static Iterable<Integer> numbers(int to) {
    return IntStream.range(0, to).boxed().toList();
  }

  @Test
  void each_message_goes_to_one_member_however_they_come_and_go() throws Exception {
    int count = 10_000;
    long seed = System.nanoTime();
    var random = new Random(seed);
    System.out.println("seed " + seed);
    try (EmbeddedRelais relais = EmbeddedRelais.start();
        Clients clients = new Clients(relais)) {
      String topic = clients.topic();
      String filter = "$share/g/" + topic;
      List<Member> members = new ArrayList<>();
      for (int i = 0; i < 5; i++) {
        boolean persistent = i < 4;
        members.add(new Member(clients.id(), persistent, filter, deliveries));
        members.get(i).connect(relais).subscribe(i == 1 ? 2 : 1);
      }
      MqttSocket publisher = clients.connected(MQTT_5);
      var publishing = new FutureTask<>(() -> publish(publisher, topic, 0, count, true), null);
      Thread.ofVirtual().start(publishing);

      int changes = 0;
      for (; !publishing.isDone() || changes < 50; changes++) {
        int which = random.nextInt(members.size());
        change(members.get(which), which, random.nextInt(4), relais);
        deliveries.await(Math.min(count, deliveries.size() + random.nextInt(200)));
      }
      finish(publishing);
      deliveries.await(count);

      deliveries.check(numbers(count));
      System.out.println(changes + " changes, " + deliveries.repeated() + " came again");
    }
  }

  private static void change(Member member, int which, int what, EmbeddedRelais relais) {
    boolean keepsQos2 = which == 1;
    switch (what) {
      case 0 -> {
        member.cut();
        member.connect(relais);
        if (which == 4) {
          member.subscribe(1);
        }
      }
      case 1 -> {
        member.connect(relais);
        if (which == 4) {
          member.subscribe(1);
        }
      }
      case 2 -> {
        member.unsubscribe();
        member.subscribe(keepsQos2 ? 2 : 1);
      }
      default -> {
        if (keepsQos2) {
          // What it has at QoS 2 ends with the session, so it stays.
          member.subscribe(1);
          member.subscribe(2);
        } else if (which != 4) {
          member.endSession();
          member.connect(relais).subscribe(1);
        }
      }
    }
  }

  private static void finish(FutureTask<?> task) throws InterruptedException {
    try {
      task.get();
    } catch (ExecutionException e) {
      throw new AssertionError("publishing failed", e.getCause());
    }
  }

  @Test
  void a_group_that_gets_and_loses_its_queue_loses_and_doubles_nothing() throws Exception {
    int count = 6_000;
    try (EmbeddedRelais relais = EmbeddedRelais.start("threads.loops=3");
        Clients clients = new Clients(relais)) {
      String topic = clients.topic();
      String filter = "$share/g/" + topic;
      var stays = new Member(clients.id(), false, filter, deliveries).connect(relais).subscribe(1);
      var comes = new Member(clients.id(), true, filter, deliveries).connect(relais);
      MqttSocket publisher = clients.connected(MQTT_5);
      var publishing = new FutureTask<>(() -> publish(publisher, topic, 0, count, true), null);
      Thread.ofVirtual().start(publishing);

      int changes = 0;
      for (; !publishing.isDone(); changes++) {
        comes.subscribe(1 + changes % 2);
        comes.unsubscribe();
      }
      finish(publishing);
      deliveries.await(count);

      assertThat(changes).isPositive();
      deliveries.check(numbers(count));
      assertThat(deliveries.repeated()).isZero();
      stays.endSession();
    }
  }

  @Test
  void a_large_backlog_is_drained_by_two_members() throws Exception {
    int count = 100_000;
    try (EmbeddedRelais relais = EmbeddedRelais.start("limits.queue-messages=" + count);
        Clients clients = new Clients(relais)) {
      String topic = clients.topic();
      String filter = "$share/g/" + topic;
      var first = new Member(clients.id(), true, filter, deliveries).connect(relais).subscribe(1);
      first.cut();
      publish(clients.connected(MQTT_5), topic, 0, count, false);

      first.connect(relais);
      new Member(clients.id(), false, filter, deliveries).connect(relais).subscribe(1);
      deliveries.await(count);

      deliveries.check(numbers(count));
      assertThat(deliveries.repeated()).isZero();
    }
  }
}
