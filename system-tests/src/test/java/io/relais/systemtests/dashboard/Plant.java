package io.relais.systemtests.dashboard;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.hivemq.client.mqtt.MqttClient;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/// A plant with some machines whose values go up and down, and programs that listen to them: what
/// there is to see in pictures of the dashboard. The values are the same each time.
///
/// Owner: its own timer publishes. Limits: [#MACHINES] machines, ten messages a second each.
final class Plant implements AutoCloseable {
  private static final List<String> SITES = List.of("lyon", "nantes", "sevilla");
  private static final List<String> MACHINES = List.of("press", "boiler", "robot");

  private record Machine(String topic, int number, Mqtt5BlockingClient client) {}

  private final List<Machine> machines = new ArrayList<>();
  private final List<Mqtt5BlockingClient> listeners = new ArrayList<>();
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("plant").factory());
  private int turn;

  Plant(InetSocketAddress broker) {
    listen(broker, "scada", "plant/#");
    listen(broker, "historian", "plant/+/+/state", "$share/store/plant/#");
    listen(broker, "alerts", "plant/+/boiler/#");
    Mqtt5BlockingClient away = listen(broker, "tablet-7", "plant/lyon/#");
    listeners.remove(away);
    away.disconnect();
    for (String site : SITES) {
      for (String kind : MACHINES) {
        Mqtt5BlockingClient client = client(broker, site + "-" + kind);
        client.connectWith().keepAlive(30).send();
        machines.add(new Machine("plant/%s/%s/".formatted(site, kind), machines.size(), client));
      }
    }
    var _ = timer.scheduleAtFixedRate(this::turn, 0, 100, TimeUnit.MILLISECONDS);
  }

  private static Mqtt5BlockingClient client(InetSocketAddress broker, String id) {
    return MqttClient.builder()
        .useMqttVersion5()
        .identifier(id)
        .serverHost(broker.getHostString())
        .serverPort(broker.getPort())
        .buildBlocking();
  }

  private Mqtt5BlockingClient listen(InetSocketAddress broker, String id, String... filters) {
    Mqtt5BlockingClient client = client(broker, id);
    client.connectWith().cleanStart(false).sessionExpiryInterval(86_400).send();
    for (String filter : filters) {
      client
          .toAsync()
          .subscribeWith()
          .topicFilter(filter)
          .qos(MqttQos.AT_LEAST_ONCE)
          .callback(message -> {})
          .send()
          .join();
    }
    listeners.add(client);
    return client;
  }

  /// Every machine says its temperature; each tenth turn its state.
  private void turn() {
    double seconds = turn / 10.0;
    for (Machine machine : machines) {
      double temperature = 21 + machine.number + 6 * Math.sin(seconds / 8 + machine.number);
      publish(machine, "temperature", "%.2f".formatted(temperature), MqttQos.AT_MOST_ONCE, false);
      if (turn % 10 == machine.number) {
        double speed = 1_200 + 80 * Math.sin(seconds / 5 + machine.number);
        double power = 4 + Math.cos(seconds / 4);
        publish(
            machine,
            "state",
            """
            {"running": true, "speed": %.1f, "power": {"kw": %.2f}, "operator": "A. Núñez"}"""
                .formatted(speed, power),
            MqttQos.AT_LEAST_ONCE,
            true);
      }
    }
    turn++;
  }

  private static void publish(
      Machine machine, String name, String payload, MqttQos qos, boolean retain) {
    var _ =
        machine
            .client
            .toAsync()
            .publishWith()
            .topic(machine.topic + name)
            .payload(payload.getBytes(UTF_8))
            .qos(qos)
            .retain(retain)
            .send();
  }

  /// What is set beside the messages, by the API.
  static Map<String, String> settings() {
    return Map.of(
        "/api/v1/bans",
        "{\"kind\": \"client\", \"value\": \"rogue-7\", \"reason\": \"floods the store\"}",
        "/api/v1/users",
        "{\"username\": \"press-line\", \"password\": \"a long password\", \"groups\": [\"lyon\"]}",
        "/api/v1/keys",
        "{\"name\": \"grafana\", \"role\": \"viewer\"}",
        "/api/v1/topic-metrics",
        "{\"filter\": \"plant/lyon/#\"}",
        "/api/v1/publish",
        "{\"topic\": \"$delayed/3600/plant/lyon/report\", \"payload\": \"the hour is over\"}");
  }

  @Override
  public void close() {
    timer.shutdownNow();
    try {
      timer.awaitTermination(5, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    machines.forEach(machine -> machine.client.disconnect());
    listeners.forEach(Mqtt5BlockingClient::disconnect);
  }
}
