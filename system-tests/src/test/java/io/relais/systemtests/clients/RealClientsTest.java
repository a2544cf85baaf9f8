package io.relais.systemtests.clients;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.relais.protocol.ProtocolVersion;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The main job, once for each client, version and transport.
@Execution(ExecutionMode.CONCURRENT)
class RealClientsTest {
  private static final AtomicInteger NAMES = new AtomicInteger();
  private static final int MANY = 1_000;

  private static EveryListener broker;

  /// One client's way to the broker.
  record Way(Library library, ProtocolVersion version, Transport transport) {
    @Override
    public String toString() {
      return library + " " + version.label() + " " + transport.label();
    }

    Opening opening() {
      return opening(broker.address(transport));
    }

    Opening opening(InetSocketAddress to) {
      return new Opening(to, transport, version, name(), false, null, null, broker.authority());
    }

    RealClient open() {
      return library.open(opening());
    }

    RealClient open(Opening how) {
      return library.open(how);
    }
  }

  static Stream<Way> ways() {
    return Arrays.stream(Library.values())
        .flatMap(
            library ->
                library.versions().stream()
                    .flatMap(
                        version ->
                            library.transports().stream()
                                .filter(broker::serves)
                                .map(transport -> new Way(library, version, transport))));
  }

  /// Each client in each of its versions, over TCP.
  static Stream<Way> waysOverTcp() {
    return ways().filter(way -> way.transport() == Transport.TCP);
  }

  @BeforeAll
  static void start() {
    broker = EveryListener.start();
    // Paho gives a handshake one second, which the first ones of a young JVM may exceed.
    for (Transport transport : Transport.values()) {
      if (broker.serves(transport)) {
        new Way(Library.HIVEMQ, ProtocolVersion.MQTT_5, transport).open().close();
      }
    }
  }

  @AfterAll
  static void stop() {
    broker.close();
  }

  private static String name() {
    return "n" + Long.toString(ProcessHandle.current().pid(), 36) + "x" + NAMES.incrementAndGet();
  }

  private static List<byte[]> numbered(int count) {
    return IntStream.range(0, count).mapToObj(i -> String.valueOf(i).getBytes(UTF_8)).toList();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("ways")
  void what_is_published_arrives_byte_for_byte(Way way) {
    byte[] everyByte = new byte[256];
    for (int i = 0; i < everyByte.length; i++) {
      everyByte[i] = (byte) i;
    }
    byte[] large = new byte[100 * 1024];
    new Random(1).nextBytes(large);
    List<byte[]> payloads = List.of(new byte[0], everyByte, "grüße ✓".getBytes(UTF_8), large);
    String topic = name() + "/für";

    for (int qos = 0; qos <= 2; qos++) {
      try (RealClient subscriber = way.open();
          RealClient publisher = way.open()) {
        subscriber.subscribe(topic, qos);
        for (byte[] payload : payloads) {
          publisher.publish(topic, qos, payload);
          Message message = subscriber.arrivals().next();
          assertThat(message.topic()).isEqualTo(topic);
          assertThat(message.payload()).isEqualTo(payload);
          assertThat(message.qos()).isEqualTo(qos);
          assertThat(message.retained()).isFalse();
        }
      }
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("ways")
  void a_retained_message_arrives_at_who_subscribes_later_until_it_is_cleared(Way way) {
    String topic = name() + "/retained";
    try (RealClient publisher = way.open()) {
      publisher.publish(topic, 1, true, List.of("kept".getBytes(UTF_8)));

      try (RealClient later = way.open()) {
        later.subscribe(topic, 1);
        Message message = later.arrivals().next();
        assertThat(message.text()).isEqualTo("kept");
        assertThat(message.retained()).isTrue();
      }

      publisher.publish(topic, 1, true, List.of(new byte[0]));
      try (RealClient latest = way.open()) {
        latest.subscribe(topic, 1);
        publisher.publish(topic, 1, "live".getBytes(UTF_8));
        assertThat(latest.arrivals().next().text()).isEqualTo("live");
      }
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("ways")
  void a_will_arrives_after_an_abrupt_end_and_not_after_an_orderly_one(Way way) {
    String topic = name() + "/will";
    try (RealClient watcher = way.open()) {
      watcher.subscribe(topic, 1);

      try (Cable cable = new Cable(broker.address(way.transport()))) {
        Opening orderly = way.opening(cable.address()).will(topic, bytes("not wanted"), 1, false);
        try (RealClient leaving = way.open(orderly)) {
          leaving.subscribe(topic + "/other", 0);
        }
        if (way.library().leavesWithWill(way.version())) {
          assertThat(watcher.arrivals().next().text()).isEqualTo("not wanted");
        }
        Opening abrupt = way.opening(cable.address()).will(topic, bytes("gone"), 1, false);
        RealClient dying = way.open(abrupt);
        dying.subscribe(topic + "/other", 0);
        cable.cut();
        assertThat(watcher.arrivals().next().text()).isEqualTo("gone");
        dying.close();
      }

      assertThat(watcher.arrivals().drain()).isEmpty();
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("ways")
  void a_persistent_session_gets_what_it_missed_in_order(Way way) {
    String topic = name() + "/missed";
    Opening lasting = way.opening().lasting();
    try (RealClient first = way.open(lasting)) {
      first.subscribe(topic, 1);
    }

    try (RealClient publisher = way.open()) {
      publisher.publish(topic, 1, false, numbered(20));
    }

    try (RealClient again = way.open(lasting)) {
      again.resume(topic, 1);
      assertThat(again.arrivals().next(20).stream().map(Message::text))
          .containsExactlyElementsOf(IntStream.range(0, 20).mapToObj(String::valueOf).toList());
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("waysOverTcp")
  void a_thousand_messages_of_qos_2_arrive_exactly_once_in_order(Way way) {
    exactlyOnce(way);
  }

  private static void exactlyOnce(Way way) {
    String topic = name() + "/once";
    try (RealClient subscriber = way.open();
        RealClient publisher = way.open()) {
      subscriber.subscribe(topic, 2);

      publisher.publish(topic, 2, false, numbered(MANY));

      List<Message> messages = subscriber.arrivals().next(MANY);
      assertThat(messages.stream().map(Message::text))
          .containsExactlyElementsOf(IntStream.range(0, MANY).mapToObj(String::valueOf).toList());
      publisher.publish(topic, 2, "end".getBytes(UTF_8));
      assertThat(subscriber.arrivals().next().text()).isEqualTo("end");
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("waysOverTcp")
  void a_shared_subscription_spreads_messages_and_gives_each_to_one_member(Way way) {
    String topic = name() + "/shared";
    List<RealClient> members = new ArrayList<>();
    try (RealClient publisher = way.open()) {
      for (int i = 0; i < 3; i++) {
        RealClient member = way.open();
        members.add(member);
        member.subscribe("$share/group/" + topic, 1);
      }

      publisher.publish(topic, 1, false, numbered(90));

      Map<String, Integer> times = new HashMap<>();
      List<Integer> shares = new ArrayList<>(List.of(0, 0, 0));
      Awaitility.await()
          .atMost(Duration.ofSeconds(15))
          .until(
              () -> {
                for (int i = 0; i < 3; i++) {
                  List<Message> more = members.get(i).arrivals().drain();
                  shares.set(i, shares.get(i) + more.size());
                  more.forEach(message -> times.merge(message.text(), 1, Integer::sum));
                }
                return times.size() == 90;
              });
      assertThat(times.values()).containsOnly(1);
      assertThat(shares).allSatisfy(share -> assertThat(share).isPositive());
    } finally {
      members.forEach(RealClient::close);
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("ways")
  void a_wrong_password_is_refused_and_the_right_one_is_not(Way way) {
    Opening wrong = way.opening().login(EveryListener.USERNAME, "wrong");
    Opening right = way.opening().login(EveryListener.USERNAME, EveryListener.PASSWORD);

    Refused refused =
        catchThrowableOfType(
            Refused.class,
            () -> {
              try (RealClient client = way.open(wrong)) {
                client.publish(name(), 0, bytes("let me in"));
              }
            });

    assertThat(refused).as("the refusal of a wrong password").isNotNull();
    if (way.version().isV5()) {
      assertThat(refused.code()).isEqualTo(0x86);
    } else {
      assertThat(refused.code()).isIn(4, 5);
    }
    try (RealClient client = way.open(right)) {
      client.publish(name(), 1, bytes("welcome"));
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(UTF_8);
  }
}
