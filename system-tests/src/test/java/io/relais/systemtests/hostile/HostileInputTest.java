package io.relais.systemtests.hostile;

import static io.relais.protocol.ProtocolVersion.MQTT_3_1_1;
import static io.relais.protocol.ProtocolVersion.MQTT_5;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.relais.protocol.MalformedPacket;
import io.relais.protocol.Packet;
import io.relais.protocol.PacketDecoder;
import io.relais.protocol.PacketType;
import io.relais.protocol.PacketVectors;
import io.relais.protocol.Properties;
import io.relais.protocol.ProtocolVersion;
import io.relais.protocol.ReasonCode;
import io.relais.protocol.Sender;
import io.relais.systemtests.clients.Certificates;
import io.relais.testkit.Bytes;
import io.relais.testkit.Connecting;
import io.relais.testkit.MqttSocket;
import io.relais.testkit.RelaisProcess;
import io.relais.testkit.ServerProcess;
import io.relais.testkit.Wire;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;

/// One broker takes all of this, one family after another. Meanwhile a healthy pair of clients must
/// notice nothing, and afterwards the process holds no more memory than before.
class HostileInputTest {
  private static final int HELD_MEBIBYTES_MAX = 64;
  private static final int PATIENCE_MILLIS = 10_000;
  private static final byte[] KIBIBYTES_100 = new byte[100 * 1024];

  @TempDir private static Path directory;
  private static RelaisProcess broker;
  private static InetSocketAddress webSocket;
  private static InetSocketAddress tls;
  private static ResidentMemory memory;

  private final List<AutoCloseable> opened = Collections.synchronizedList(new ArrayList<>());
  private HealthyPair pair;
  private int before;

  @BeforeAll
  static void start() throws Exception {
    Certificates certificates = Certificates.make(directory);
    webSocket = new InetSocketAddress(InetAddress.getLoopbackAddress(), ServerProcess.freePort());
    tls = new InetSocketAddress(InetAddress.getLoopbackAddress(), ServerProcess.freePort());
    broker =
        RelaisProcess.start(
            "listeners.0.connect-timeout=2s",
            "listeners.1.bind=127.0.0.1:" + webSocket.getPort(),
            "listeners.1.transport=websocket",
            "listeners.1.connect-timeout=2s",
            "listeners.2.bind=127.0.0.1:" + tls.getPort(),
            "listeners.2.transport=tls",
            "listeners.2.connect-timeout=2s",
            "listeners.2.tls.certificate=" + certificates.certificate(),
            "listeners.2.tls.key=" + certificates.key());
    memory = new ResidentMemory(broker.process().pid());
    // What a process takes once and keeps is not what is looked for: a serial heap keeps what it
    // has at the start, page by page as it is first used.
    try (HealthyPair pair = new HealthyPair(broker);
        MqttSocket loud = new MqttSocket("L", broker.link(), MQTT_3_1_1)) {
      loud.connect("loud");
      for (int i = 0; i < 2_048; i++) {
        loud.send(new Packet.Publish(false, 1, false, "warm", 1, Properties.NONE, KIBIBYTES_100));
        loud.expectAck(PacketType.PUBACK, 1);
      }
      System.out.println("warming up: " + pair.end());
    }
  }

  @AfterAll
  static void stop() {
    broker.close();
  }

  @BeforeEach
  void beginHealthy() {
    memory.collect();
    before = memory.mebibytes();
    pair = new HealthyPair(broker);
  }

  @AfterEach
  void healthyAndNoLarger(TestInfo test) throws Exception {
    try {
      int during = memory.mebibytes();
      String told = pair.end();
      for (AutoCloseable one : opened) {
        one.close();
      }
      int ended = memory.mebibytes();
      memory.awaitAtMost(before + HELD_MEBIBYTES_MAX);
      System.out.printf(
          "%s: %s; resident MiB before %d, during %d, at the end %d, collected %d%n",
          test.getDisplayName(), told, before, during, ended, memory.mebibytes());
      assertThat(broker.process().isAlive()).isTrue();
    } finally {
      pair.close();
    }
  }

  @Test
  void each_malformed_packet_ends_its_own_connection_only() throws Exception {
    int refused = 0;
    for (PacketVectors.Vector vector : PacketVectors.all()) {
      if (vector.sender() != Sender.CLIENT
          || !(vector.outcome() instanceof PacketVectors.Outcome.Refused)) {
        continue;
      }
      if ((vector.bytes()[0] & 0xF0) == PacketType.CONNECT.headerByte()) {
        // Refused in the words of whatever version it names.
        try (Socket socket = dial(broker.tcp())) {
          send(socket, vector.bytes());
          if (isWhole(vector)) {
            refused++;
            awaitEnd(socket);
          }
        }
        continue;
      }
      try (MqttSocket socket = new MqttSocket("A", broker.link(), vector.version())) {
        socket.connect("malformed" + vector.line());
        socket.send(vector.bytes());
        if (isWhole(vector)) {
          refused++;
          socket.expectRefused(ReasonCode.values());
        }
      } catch (AssertionError e) {
        throw new AssertionError(vector + ": " + e.getMessage(), e);
      }
    }
    assertThat(refused).isGreaterThan(100);
  }

  /// Whether the bytes are one frame: of less or more than that, the broker waits for the rest.
  private static boolean isWhole(PacketVectors.Vector vector) {
    byte[] bytes = vector.bytes();
    try {
      return PacketDecoder.frameLength(vector.version(), bytes, 0, bytes.length, Integer.MAX_VALUE)
          == bytes.length;
    } catch (MalformedPacket e) {
      // seen without the rest
      return true;
    }
  }

  @Test
  void two_hundred_connections_that_announce_256_MB_get_no_memory_for_it() throws Exception {
    byte[] announced = new Bytes().u8(0x30).raw("FF FF FF 7F").toArray();
    byte[] justAllowed = new Bytes().u8(0x30).variable(1_200_000).u16(1).raw("61").toArray();
    for (int i = 0; i < 200; i++) {
      Socket greedy = connected("greedy" + i, MQTT_3_1_1);
      greedy.getOutputStream().write(announced);
      Socket patient = connected("patient" + i, MQTT_3_1_1);
      patient.getOutputStream().write(justAllowed);
      Socket early = dial(broker.tcp());
      early.getOutputStream().write(new Bytes().u8(0x10).raw("FF FF FF 7F").toArray());
      awaitEnd(greedy);
      awaitEnd(early);
    }

    assertThat(memory.mebibytes()).isLessThan(before + 200);
  }

  @Test
  void five_hundred_connections_of_random_bytes_end() throws Exception {
    long seed = Long.getLong("relais.seed", System.nanoTime());
    System.out.println("-Drelais.seed=" + seed);
    Random random = new Random(seed);
    for (int i = 0; i < 500; i++) {
      byte[] garbage = new byte[1 + random.nextInt(4_000)];
      random.nextBytes(garbage);
      Socket socket = i % 2 == 0 ? dial(broker.tcp()) : connected("random" + i, MQTT_5);
      send(socket, garbage);
      socket.setSoLinger(true, 0);
      socket.close();
    }
  }

  @Test
  void who_never_finishes_a_handshake_is_shown_out() throws Exception {
    List<Socket> slow = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      slow.add(dial(broker.tcp()));
      slow.add(dial(webSocket));
      slow.add(dial(tls));
    }
    byte[] connect = Wire.encode(new Connecting(MQTT_5, "x".repeat(1_000)).packet(), MQTT_5);
    byte[] upgrade =
        ("GET /mqtt HTTP/1.1\r\nHost: a\r\nX: " + "y".repeat(1_000)).getBytes(US_ASCII);
    // The beginning of a ClientHello that announces 1,000 bytes.
    byte[] hello = new byte[1_000];
    System.arraycopy(Bytes.hex("16 03 01 03 E8 01 00 03 E4 03 03"), 0, hello, 0, 11);

    // Byte by byte, for longer than the two seconds that a handshake may take.
    for (int i = 0; i < 25; i++) {
      for (int at = 0; at < slow.size(); at++) {
        byte[] words = at % 3 == 0 ? connect : at % 3 == 1 ? upgrade : hello;
        send(slow.get(at), new byte[] {words[i]});
      }
      TimeUnit.MILLISECONDS.sleep(100);
    }

    for (Socket socket : slow) {
      awaitEnd(socket);
    }
  }

  @Test
  void endless_connects_and_takeovers_are_served() throws Exception {
    for (int i = 0; i < 1_000; i++) {
      try (Socket socket = connected(i % 2 == 0 ? "endless" : "endless" + i, MQTT_3_1_1)) {
        if (i % 3 == 0) {
          socket.setSoLinger(true, 0);
        }
      }
    }
  }

  @Test
  void half_open_and_silent_connections_end_by_their_keep_alive() throws Exception {
    List<Socket> silent = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      Socket socket = dial(broker.tcp());
      Packet connect = new Connecting(MQTT_5, "silent" + i).keepAlive(1).packet();
      send(socket, Wire.encode(connect, MQTT_5));
      if (i % 2 == 0) {
        socket.shutdownOutput();
      }
      silent.add(socket);
    }

    for (Socket socket : silent) {
      awaitEnd(socket);
    }
  }

  @Test
  void a_subscriber_that_never_reads_costs_the_others_nothing() throws Exception {
    for (int qos = 0; qos <= 1; qos++) {
      String topic = "unread/" + qos;
      Socket deaf = connected("deaf" + qos, MQTT_5);
      int granted = qos;
      send(
          deaf,
          Wire.encode(
              new Packet.Subscribe(
                  1, Properties.NONE, List.of(MqttSocket.subscription(topic, granted))),
              MQTT_5));
      try (MqttSocket publisher = new MqttSocket("P", broker.link(), MQTT_3_1_1)) {
        publisher.connect("loud" + qos);
        publisher.patience(Duration.ofSeconds(10));
        Packet.Publish message =
            new Packet.Publish(false, qos, false, topic, qos, Properties.NONE, KIBIBYTES_100);
        for (int i = 0; i < 1_024; i++) {
          publisher.send(message);
          if (qos == 1) {
            publisher.expectAck(PacketType.PUBACK, 1);
          }
        }
        publisher.sendPing();
        publisher.expect(Packet.Pingresp.class);
      }
      deaf.setSoLinger(true, 0);
      deaf.close();
    }
  }

  @Test
  void a_publisher_that_never_reads_its_acks_is_held_back_or_shown_out() throws Exception {
    Socket socket = connected("ackless", MQTT_3_1_1);
    byte[] publish = Wire.encode(MqttSocket.publishing("nobody/listens", "x", 1, 1), MQTT_3_1_1);
    flood(socket, publish, 2_000_000, Duration.ofSeconds(5));
  }

  @Test
  void a_flood_of_publishes_that_nobody_wants_passes() throws Exception {
    Socket socket = connected("flood", MQTT_5);
    byte[] publish =
        Wire.encode(MqttSocket.publishing("nobody/wants/this", "x".repeat(100), 0, 0), MQTT_5);
    flood(socket, publish, 500_000, Duration.ofSeconds(10));
    send(socket, Bytes.hex("C0 00"));
    assertThat(socket.getInputStream().read()).isEqualTo(0xD0);
  }

  @Test
  void qos_2_without_pubrel_is_bounded() throws Exception {
    for (ProtocolVersion version : List.of(MQTT_3_1_1, MQTT_5)) {
      Socket socket = connected("unreleased" + version.level(), version);
      CompletableFuture.runAsync(() -> drain(socket));
      for (int id = 1; id <= 0xFFFF; id++) {
        Packet publish = MqttSocket.publishing("never/released", "x".repeat(100), 2, id);
        if (!send(socket, Wire.encode(publish, version))) {
          break;
        }
      }
    }
  }

  @Test
  void the_longest_topics_client_ids_and_most_levels_are_served_or_refused() throws Exception {
    for (String topic : List.of("t".repeat(65_535), "/".repeat(65_535), "a/".repeat(32_767))) {
      for (ProtocolVersion version : List.of(MQTT_3_1_1, MQTT_5)) {
        tryTopic(topic, version);
      }
    }
    for (int i = 0; i < 10; i++) {
      try (MqttSocket socket = new MqttSocket("A", broker.link(), MQTT_5)) {
        socket.sendConnect("i".repeat(65_534) + i, how -> how);
        Packet.Connack connack = socket.expect(Packet.Connack.class);
        assertThat(connack.reason())
            .isIn(ReasonCode.SUCCESS, ReasonCode.CLIENT_IDENTIFIER_NOT_VALID);
      }
    }
  }

  private static void tryTopic(String topic, ProtocolVersion version) {
    try (MqttSocket socket = new MqttSocket("A", broker.link(), version)) {
      socket.connect("longest");
      socket.sendSubscribe(1, topic, 1);
      Packet answer = socket.expectPacket();
      if (answer instanceof Packet.Suback(int _, Properties _, List<ReasonCode> reasons)
          && !reasons.getFirst().isError()) {
        socket.publish(topic, "arrives", 1);
        assertThat(MqttSocket.text(socket.receive())).isEqualTo("arrives");
      } else {
        assertThat(answer).isInstanceOfAny(Packet.Suback.class, Packet.Disconnect.class);
      }
    }
  }

  @Test
  void ten_thousand_filters_in_one_subscribe_and_twenty_thousand_in_all_are_granted() {
    try (MqttSocket socket = new MqttSocket("A", broker.link(), MQTT_3_1_1)) {
      socket.patience(Duration.ofSeconds(10));
      socket.connect("collector");
      for (int half = 0; half < 2; half++) {
        List<Packet.Subscription> filters = new ArrayList<>();
        for (int i = 0; i < 10_000; i++) {
          filters.add(MqttSocket.subscription("many/" + half + "/" + i + "/+", 1));
        }
        Packet.Suback suback =
            socket.suback(Properties.NONE, filters.toArray(Packet.Subscription[]::new));
        assertThat(suback.reasons()).containsOnly(ReasonCode.granted(1));
      }

      socket.publish("many/1/9999/x", "found", 1);
      assertThat(MqttSocket.text(socket.receive())).isEqualTo("found");
    }
  }

  @Test
  void acks_of_unknown_ids_are_answered_or_passed_over() {
    for (ProtocolVersion version : ProtocolVersion.values()) {
      try (MqttSocket socket = new MqttSocket("A", broker.link(), version)) {
        socket.connect("confused" + version.level());
        for (int id = 1; id <= 1_000; id++) {
          socket.sendPuback(id).sendPubcomp(id);
        }
        socket.sendPubrel(7);
        assertThat(socket.expect(Packet.Pubcomp.class).packetId()).isEqualTo(7);
        socket.sendPubrec(8);
        assertThat(socket.expect(Packet.Pubrel.class).packetId()).isEqualTo(8);
        socket.sendPubcomp(8);
        socket.expectSilence();
      }
    }
  }

  private Socket dial(InetSocketAddress to) throws IOException {
    Socket socket = new Socket();
    opened.add(socket);
    socket.setReceiveBufferSize(16 * 1024);
    socket.connect(to, PATIENCE_MILLIS);
    socket.setTcpNoDelay(true);
    socket.setSoTimeout(PATIENCE_MILLIS);
    return socket;
  }

  /// A connection whose CONNACK was read.
  private Socket connected(String clientId, ProtocolVersion version) throws IOException {
    Socket socket = dial(broker.tcp());
    send(socket, Wire.encode(new Connecting(version, clientId).packet(), version));
    int first = socket.getInputStream().read();
    int length = socket.getInputStream().read();
    assertThat(first).isEqualTo(PacketType.CONNACK.headerByte());
    assertThat(socket.getInputStream().readNBytes(length)).hasSize(length);
    return socket;
  }

  /// @return false if the broker has closed
  private static boolean send(Socket socket, byte[] bytes) {
    try {
      socket.getOutputStream().write(bytes);
      return true;
    } catch (IOException e) {
      // The broker may close on such a peer at any time.
      return false;
    }
  }

  /// Sends a packet this many times, or until the broker closes or the time is up: one that holds
  /// this peer back lets it wait for ever.
  private static void flood(Socket socket, byte[] packet, int times, Duration within)
      throws Exception {
    CompletableFuture<Void> sending =
        CompletableFuture.runAsync(
            () -> {
              try {
                OutputStream out = socket.getOutputStream();
                int each = 1_000;
                Bytes block = new Bytes();
                for (int i = 0; i < each; i++) {
                  block.raw(packet);
                }
                for (int sent = 0; sent < times; sent += each) {
                  out.write(block.toArray());
                }
              } catch (IOException e) {
                // shown out, or closed below
                Thread.onSpinWait();
              }
            });
    try {
      sending.get(within.toMillis(), TimeUnit.MILLISECONDS);
    } catch (java.util.concurrent.TimeoutException e) {
      socket.setSoLinger(true, 0);
      socket.close();
      sending.get(PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
    }
  }

  private static void drain(Socket socket) {
    try {
      socket.getInputStream().transferTo(OutputStream.nullOutputStream());
    } catch (IOException e) {
      // the end of it, one way or the other
      return;
    }
  }

  /// The broker ends this connection, whatever it says before.
  private static void awaitEnd(Socket socket) throws IOException {
    try {
      socket.getInputStream().transferTo(OutputStream.nullOutputStream());
    } catch (SocketTimeoutException e) {
      throw new AssertionError("the broker did not end a connection within 10 s", e);
    } catch (IOException e) {
      // a reset is an end too
      assertThat(e.getMessage()).containsAnyOf("reset", "Broken pipe", "abort");
    }
    socket.close();
  }
}
