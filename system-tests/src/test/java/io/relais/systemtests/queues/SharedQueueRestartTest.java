package io.relais.systemtests.queues;

import static io.relais.protocol.ProtocolVersion.MQTT_5;

import io.relais.testkit.Clients;
import io.relais.testkit.MqttSocket;
import io.relais.testkit.RelaisProcess;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A process that is killed while a shared group works, and starts again over the same data.
class SharedQueueRestartTest {
  private static final int EACH_ROUND = 4_000;
  private static final int ROUNDS = 3;

  @Test
  void what_was_acknowledged_comes_to_the_group_over_kills(@TempDir Path data) throws Exception {
    var deliveries = new Deliveries();
    var next = new AtomicInteger();
    List<Integer> acknowledged = new CopyOnWriteArrayList<>();
    List<Member> members = new ArrayList<>();
    RelaisProcess relais = RelaisProcess.start("store=disk", "data=" + data);
    try {
      for (int i = 0; i < 3; i++) {
        members.add(new Member("m" + i, true, "$share/g/t", deliveries));
        members.get(i).connect(relais).subscribe(i == 0 ? 1 : 2);
      }
      for (int round = 0; round < ROUNDS; round++) {
        var publishing = startPublishing(relais, next, acknowledged);
        deliveries.await(deliveries.size() + EACH_ROUND);

        relais.process().kill();
        publishing.get();
        relais.close();

        relais = RelaisProcess.start("store=disk", "data=" + data);
        for (Member member : members) {
          member.awaitEnd();
          member.connect(relais);
        }
      }
      deliveries.awaitAll(acknowledged);

      deliveries.check(acknowledged);
    } finally {
      relais.close();
    }
  }

  /// Publishes until the process is gone. What is not acknowledged then may come or not, and is not
  /// published again.
  private static FutureTask<Void> startPublishing(
      RelaisProcess relais, AtomicInteger next, List<Integer> acknowledged) {
    var task =
        new FutureTask<Void>(
            () -> {
              try (Clients clients = new Clients(relais)) {
                MqttSocket publisher = clients.connected(MQTT_5);
                while (true) {
                  int from = next.getAndAdd(20);
                  SharedQueueUnderChangeTest.publish(publisher, "t", from, from + 20, true);
                  acknowledged.addAll(IntStream.range(from, from + 20).boxed().toList());
                }
              } catch (AssertionError e) { // the process was killed
                return null;
              }
            });
    Thread.ofVirtual().start(task);
    return task;
  }
}
