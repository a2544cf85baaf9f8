package io.relais.systemtests.conformance;

import static io.relais.protocol.ProtocolVersion.MQTT_3_1;
import static io.relais.protocol.ProtocolVersion.MQTT_3_1_1;
import static io.relais.protocol.ProtocolVersion.MQTT_5;
import static io.relais.protocol.ReasonCode.CLIENT_IDENTIFIER_NOT_VALID;
import static io.relais.protocol.ReasonCode.MALFORMED_PACKET;
import static io.relais.protocol.ReasonCode.PROTOCOL_ERROR;
import static io.relais.protocol.ReasonCode.SESSION_TAKEN_OVER;
import static io.relais.protocol.ReasonCode.TOPIC_NAME_INVALID;
import static io.relais.protocol.ReasonCode.UNSUPPORTED_PROTOCOL_VERSION;
import static org.assertj.core.api.Assertions.assertThat;

import io.relais.protocol.Packet;
import io.relais.protocol.PacketType;
import io.relais.protocol.Properties;
import io.relais.protocol.Property;
import io.relais.protocol.ProtocolVersion;
import io.relais.protocol.ReasonCode;
import io.relais.testkit.AgainstBroker;
import io.relais.testkit.Bytes;
import io.relais.testkit.Clients;
import io.relais.testkit.Conforms;
import io.relais.testkit.Connecting;
import io.relais.testkit.EachVersion;
import io.relais.testkit.MqttSocket;
import io.relais.testkit.SinceVersion311;
import io.relais.testkit.Wire;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// CONNECT and CONNACK: what is accepted, what is refused and how.
@AgainstBroker
class ConnectConformanceTest {
  /// In 3.x nothing may come before the close; in 5.0 a CONNACK that says why.
  private static void refusedAsMalformed(MqttSocket socket) {
    socket.expectRefused(MALFORMED_PACKET, PROTOCOL_ERROR);
  }

  private static Bytes idOnly(Clients clients) {
    return new Bytes().string(clients.id());
  }

  @EachVersion
  @Conforms({
    "MQTT-3.1.4-5",
    "MQTT-4.2.0-1",
    "v3:MQTT-3.1.4-4",
    "v3:MQTT-7.0.0-2",
    "v3:MQTT-7.1.1-1"
  })
  void a_valid_connect_over_tcp_is_accepted(ProtocolVersion version, Clients clients) {
    MqttSocket socket = clients.open(version);

    socket.sendConnect(clients.id(), how -> how);

    assertThat(socket.expect(Packet.Connack.class).reason()).isEqualTo(ReasonCode.SUCCESS);
    socket.expectSilence();
  }

  @EachVersion
  @Conforms({"MQTT-3.1.0-1", "v3:MQTT-3.1.0-1", "MQTT-3.14.0-1"})
  void a_connection_that_begins_with_another_packet_is_closed_without_a_word(
      ProtocolVersion version, Clients clients) {
    List<MqttSocket> sockets =
        List.of(
            clients.open(version).sendPing(),
            clients.open(version).sendPublish(clients.topic(), "x", 1, 1),
            clients.open(version).sendSubscribe(1, clients.topic(), 0),
            clients.open(version).send("00 00"));

    sockets.forEach(MqttSocket::expectClosed);
  }

  @EachVersion
  @Conforms({"MQTT-3.1.0-2", "v3:MQTT-3.1.0-2", "MQTT-3.2.0-2"})
  void a_second_connect_ends_the_connection(ProtocolVersion version, Clients clients) {
    MqttSocket socket = clients.connected(version);

    socket.sendConnect(clients.id(), how -> how);

    socket.expectRefused(PROTOCOL_ERROR);
  }

  @EachVersion
  @Conforms({"MQTT-3.1.2-1", "v3:MQTT-3.1.2-1"})
  void an_unknown_protocol_name_is_refused(ProtocolVersion version, Clients clients) {
    MqttSocket socket = clients.open(version);

    socket.send(Raw.connect(version, "MQTX", version.level(), 2, idOnly(clients)));

    socket.expectRefused(UNSUPPORTED_PROTOCOL_VERSION, MALFORMED_PACKET, PROTOCOL_ERROR);
  }

  @Test
  @Conforms("MQIsdp-1")
  void name_and_level_have_to_agree(Clients clients) {
    MqttSocket oldName = clients.open(MQTT_3_1_1);
    MqttSocket newName = clients.open(MQTT_3_1);

    oldName.send(Raw.connect(MQTT_3_1_1, "MQIsdp", 4, 2, idOnly(clients)));
    newName.send(Raw.connect(MQTT_3_1, "MQTT", 3, 2, idOnly(clients)));

    oldName.expectRefused(UNSUPPORTED_PROTOCOL_VERSION);
    newName.expectRefused(UNSUPPORTED_PROTOCOL_VERSION);
  }

  @Test
  @Conforms({"MQTT-3.1.2-2", "MQTT-3.2.2-7", "MQIsdp-19"})
  void a_version_above_5_is_refused(Clients clients) {
    MqttSocket socket = clients.open(MQTT_5);

    socket.send(Raw.connect(MQTT_5, "MQTT", 6, 2, idOnly(clients)));

    socket.expectRefused(UNSUPPORTED_PROTOCOL_VERSION);
  }

  @Test
  @Conforms({"v3:MQTT-3.1.2-2", "v3:MQTT-3.2.2-5", "MQIsdp-19"})
  void an_unknown_level_below_5_is_answered_with_code_1(Clients clients) {
    MqttSocket socket = clients.open(MQTT_3_1_1);

    socket.send(Raw.connect(MQTT_3_1_1, "MQTT", 2, 2, idOnly(clients)));

    assertThat(socket.expectRefused(UNSUPPORTED_PROTOCOL_VERSION)).isNotNull();
  }

  @SinceVersion311
  @Conforms({"MQTT-3.1.2-3", "v3:MQTT-3.1.2-3"})
  void the_reserved_connect_flag_is_checked(ProtocolVersion version, Clients clients) {
    MqttSocket socket = clients.open(version);

    socket.send(Raw.connect(version, 0x03, idOnly(clients)));

    refusedAsMalformed(socket);
  }

  @SinceVersion311
  @Conforms({"MQTT-3.1.2-9", "v3:MQTT-3.1.2-9"})
  void a_will_flag_without_the_will_is_refused(ProtocolVersion version, Clients clients) {
    MqttSocket socket = clients.open(version);

    socket.send(Raw.connect(version, 0x06, idOnly(clients)));

    refusedAsMalformed(socket);
  }

  @SinceVersion311
  @Conforms({"MQTT-3.1.2-11", "v3:MQTT-3.1.2-11", "v3:MQTT-3.1.2-13"})
  void will_qos_without_a_will_is_refused(ProtocolVersion version, Clients clients) {
    MqttSocket one = clients.open(version);
    MqttSocket two = clients.open(version);

    one.send(Raw.connect(version, 0x0A, idOnly(clients)));
    two.send(Raw.connect(version, 0x12, idOnly(clients)));

    refusedAsMalformed(one);
    refusedAsMalformed(two);
  }

  @EachVersion
  @Conforms({"MQTT-3.1.2-12", "v3:MQTT-3.1.2-14", "MQIsdp-8"})
  void will_qos_3_is_refused(ProtocolVersion version, Clients clients) {
    MqttSocket socket = clients.open(version);
    Bytes payload = Raw.noProperties(idOnly(clients), version).string("will").string("gone");

    socket.send(Raw.connect(version, 0x1E, payload));

    refusedAsMalformed(socket);
  }

  @SinceVersion311
  @Conforms({"MQTT-3.1.2-13", "v3:MQTT-3.1.2-11", "v3:MQTT-3.1.2-15"})
  void will_retain_without_a_will_is_refused(ProtocolVersion version, Clients clients) {
    MqttSocket socket = clients.open(version);

    socket.send(Raw.connect(version, 0x22, idOnly(clients)));

    refusedAsMalformed(socket);
  }

  @SinceVersion311
  @Conforms({"MQTT-3.1.2-16", "v3:MQTT-3.1.2-18"})
  void a_user_name_without_its_flag_is_refused(ProtocolVersion version, Clients clients) {
    MqttSocket socket = clients.open(version);

    socket.send(Raw.connect(version, 0x02, idOnly(clients).string("user")));

    refusedAsMalformed(socket);
  }

  @SinceVersion311
  @Conforms({"MQTT-3.1.2-17", "v3:MQTT-3.1.2-19"})
  void a_user_name_flag_without_the_name_is_refused(ProtocolVersion version, Clients clients) {
    MqttSocket socket = clients.open(version);

    socket.send(Raw.connect(version, 0x82, idOnly(clients)));

    refusedAsMalformed(socket);
  }

  @SinceVersion311
  @Conforms({"MQTT-3.1.2-18", "v3:MQTT-3.1.2-20"})
  void a_password_without_its_flag_is_refused(ProtocolVersion version, Clients clients) {
    MqttSocket socket = clients.open(version);

    socket.send(Raw.connect(version, 0x82, idOnly(clients).string("user").string("password")));

    refusedAsMalformed(socket);
  }

  @SinceVersion311
  @Conforms({"MQTT-3.1.2-19", "v3:MQTT-3.1.2-21"})
  void a_password_flag_without_the_password_is_refused(ProtocolVersion version, Clients clients) {
    MqttSocket socket = clients.open(version);

    socket.send(Raw.connect(version, 0xC2, idOnly(clients).string("user")));

    refusedAsMalformed(socket);
  }

  @Test
  @Conforms("v3:MQTT-3.1.2-22")
  void in_3_1_1_a_password_needs_a_user_name(Clients clients) {
    MqttSocket socket = clients.open(MQTT_3_1_1);

    socket.send(Raw.connect(MQTT_3_1_1, 0x42, idOnly(clients).string("password")));

    socket.expectClosed();
  }

  @Test
  @Conforms("MQTT-3.1.2-19")
  void in_5_0_a_password_may_stand_alone(Clients clients) {
    MqttSocket socket = clients.open(MQTT_5);

    Packet.Connack connack = socket.connect(clients.id(), how -> how.password("alone"));

    assertThat(connack.reason()).isEqualTo(ReasonCode.SUCCESS);
  }

  @Test
  @Conforms("MQIsdp-6")
  void in_3_1_flags_without_their_strings_are_accepted(Clients clients) {
    MqttSocket socket = clients.open(MQTT_3_1);

    socket.send(Raw.connect(MQTT_3_1, 0xC2, idOnly(clients)));

    assertThat(socket.expect(Packet.Connack.class).reason()).isEqualTo(ReasonCode.SUCCESS);
  }

  @Test
  @Conforms("MQIsdp-7")
  void in_3_1_unused_connect_flags_are_not_looked_at(Clients clients) {
    MqttSocket reserved = clients.open(MQTT_3_1);
    MqttSocket will = clients.open(MQTT_3_1);

    reserved.send(Raw.connect(MQTT_3_1, 0x03, idOnly(clients)));
    will.send(Raw.connect(MQTT_3_1, 0x2A, idOnly(clients)));

    assertThat(reserved.expect(Packet.Connack.class).reason()).isEqualTo(ReasonCode.SUCCESS);
    assertThat(will.expect(Packet.Connack.class).reason()).isEqualTo(ReasonCode.SUCCESS);
  }

  @EachVersion
  @Conforms({"MQTT-3.1.3-3", "v3:MQTT-3.1.3-3"})
  void a_connect_without_a_client_id_field_is_refused(ProtocolVersion version, Clients clients) {
    MqttSocket socket = clients.open(version);

    socket.send(Raw.connect(version, 0x02, new Bytes()));

    refusedAsMalformed(socket);
  }

  @EachVersion
  @Conforms({"MQTT-3.1.3-4", "v3:MQTT-3.1.3-4", "MQTT-1.5.4-1", "v3:MQTT-1.5.3-1"})
  void a_client_id_that_is_not_utf_8_is_refused(ProtocolVersion version, Clients clients) {
    for (byte[] bad : Raw.NOT_UTF8) {
      MqttSocket socket = clients.open(version);

      socket.send(Raw.connect(version, 0x02, new Bytes().binary(bad)));

      socket.expectRefused(MALFORMED_PACKET, PROTOCOL_ERROR, CLIENT_IDENTIFIER_NOT_VALID);
    }
  }

  @EachVersion
  @Conforms({"MQTT-3.1.3-11", "v3:MQTT-3.1.3-10"})
  void a_will_topic_that_is_not_utf_8_is_refused(ProtocolVersion version, Clients clients) {
    for (byte[] bad : Raw.NOT_UTF8) {
      MqttSocket socket = clients.open(version);
      Bytes payload = Raw.noProperties(idOnly(clients), version).binary(bad).string("gone");

      socket.send(Raw.connect(version, 0x06, payload));

      socket.expectRefused(MALFORMED_PACKET, PROTOCOL_ERROR, TOPIC_NAME_INVALID);
    }
  }

  @EachVersion
  @Conforms({"MQTT-3.1.3-12", "v3:MQTT-3.1.3-11"})
  void a_user_name_that_is_not_utf_8_is_refused(ProtocolVersion version, Clients clients) {
    for (byte[] bad : Raw.NOT_UTF8) {
      MqttSocket socket = clients.open(version);

      socket.send(Raw.connect(version, 0x82, idOnly(clients).binary(bad)));

      refusedAsMalformed(socket);
    }
  }

  @SinceVersion311
  @Conforms({"MQTT-1.5.4-2", "v3:MQTT-1.5.3-2"})
  void u_0000_is_refused_in_each_string_of_a_connect(ProtocolVersion version, Clients clients) {
    MqttSocket id = clients.open(version);
    MqttSocket will = clients.open(version);
    MqttSocket user = clients.open(version);

    id.send(Raw.connect(version, 0x02, new Bytes().binary(Raw.WITH_NUL)));
    will.send(
        Raw.connect(
            version,
            0x06,
            Raw.noProperties(idOnly(clients), version).binary(Raw.WITH_NUL).string("gone")));
    user.send(Raw.connect(version, 0x82, idOnly(clients).binary(Raw.WITH_NUL)));

    id.expectRefused(MALFORMED_PACKET, PROTOCOL_ERROR, CLIENT_IDENTIFIER_NOT_VALID);
    will.expectRefused(MALFORMED_PACKET, PROTOCOL_ERROR, TOPIC_NAME_INVALID);
    refusedAsMalformed(user);
  }

  @SinceVersion311
  @Conforms({"MQTT-3.1.4-1", "v3:MQTT-3.1.4-1"})
  void a_connect_cut_short_anywhere_is_refused(ProtocolVersion version, Clients clients) {
    byte[] whole =
        Wire.encode(
            new Connecting(version, "whole")
                .will("w", "x", 1, false)
                .username("u")
                .password("p")
                .packet(),
            version);
    byte[] body = Arrays.copyOfRange(whole, 2, whole.length);

    for (int length = 0; length < body.length; length++) {
      MqttSocket socket = clients.open(version);
      socket.send(new Bytes().raw(Arrays.copyOf(body, length)).packet(0x10));

      socket.expectRefused(MALFORMED_PACKET, PROTOCOL_ERROR, UNSUPPORTED_PROTOCOL_VERSION);
    }
  }

  @SinceVersion311
  @Conforms({"MQTT-3.1.4-1", "v3:MQTT-3.1.4-1", "MQTT-2.1.3-1", "v3:MQTT-2.2.2-2"})
  void wrong_flags_in_the_first_byte_of_a_connect_are_refused(
      ProtocolVersion version, Clients clients) {
    MqttSocket socket = clients.open(version);
    byte[] bytes = Raw.connect(version, 0x02, idOnly(clients));
    bytes[0] = 0x11;

    socket.send(bytes);

    refusedAsMalformed(socket);
  }

  @Test
  @Conforms("MQTT-3.1.4-1")
  void wrong_properties_of_a_connect_are_refused(Clients clients) {
    List<Bytes> wrong =
        List.of(
            new Bytes().raw("21 0001 21 0001"), // Receive Maximum twice
            new Bytes().raw("21 0000"), // Receive Maximum 0
            new Bytes().raw("27 00000000"), // Maximum Packet Size 0
            new Bytes().raw("11 00000001 11 00000001"), // Session Expiry Interval twice
            new Bytes().raw("17 02"), // Request Problem Information beyond 1
            new Bytes().raw("19 02"), // Request Response Information beyond 1
            new Bytes().raw("16 0001 00"), // Authentication Data without a method
            new Bytes().raw("23 0001"), // Topic Alias, which belongs to PUBLISH
            new Bytes().raw("18 00000001"), // Will Delay, which belongs to the will
            new Bytes().raw("7f 00"), // no such property
            new Bytes().raw("26 0001 61 0002 62"), // a user property that is cut short
            new Bytes().raw("11 0000")); // a value that is cut short

    for (Bytes properties : wrong) {
      MqttSocket socket = clients.open(MQTT_5);
      socket.send(Raw.connect(properties, clients.id()));

      refusedAsMalformed(socket);
    }
  }

  @Test
  @Conforms("MQTT-1.5.7-1")
  void user_properties_of_a_connect_have_to_be_strings(Clients clients) {
    for (byte[] bad : Raw.NOT_UTF8) {
      MqttSocket name = clients.open(MQTT_5);
      MqttSocket value = clients.open(MQTT_5);

      name.send(Raw.connect(new Bytes().u8(0x26).binary(bad).string("v"), clients.id()));
      value.send(Raw.connect(new Bytes().u8(0x26).string("n").binary(bad), clients.id()));

      refusedAsMalformed(name);
      refusedAsMalformed(value);
    }
  }

  @EachVersion
  @Conforms({"MQTT-3.1.4-6", "v3:MQTT-3.1.4-5"})
  void what_follows_a_refused_connect_is_not_processed(ProtocolVersion version, Clients clients) {
    String topic = clients.topic();
    MqttSocket watcher = clients.connected(version).subscribe(topic, 0);
    MqttSocket refused = clients.open(version);
    byte[] connect = Raw.connect(version, "MQTX", version.level(), 2, idOnly(clients));
    byte[] publish = Wire.encode(MqttSocket.publishing(topic, "no", 0, 0), version);

    refused.send(new Bytes().raw(connect).raw(publish).toArray());
    refused.expectRefused(UNSUPPORTED_PROTOCOL_VERSION, MALFORMED_PACKET, PROTOCOL_ERROR);

    watcher.expectNothingFrom(clients.connected(version));
  }

  @EachVersion
  @Conforms({"MQTT-3.1.3-5", "v3:MQTT-3.1.3-5"})
  void ids_of_1_to_23_letters_and_digits_are_accepted(ProtocolVersion version, Clients clients) {
    List<String> ids =
        List.of(
            "z", "0123456789abcdefghijklm", "nopqrstuvwxyzABCDEFGHIJ", "KLMNOPQRSTUVWXYZ0123456");

    for (String id : ids) {
      assertThat(clients.open(version).connect(id).reason()).isEqualTo(ReasonCode.SUCCESS);
    }
  }

  @Test
  @Conforms("MQIsdp-3")
  void ids_longer_than_23_characters_are_accepted_in_3_1(Clients clients) {
    MqttSocket socket = clients.open(MQTT_3_1);

    Packet.Connack connack = socket.connect(clients.id() + "-" + "x".repeat(40));

    assertThat(connack.reason()).isEqualTo(ReasonCode.SUCCESS);
  }

  @Test
  @Conforms({"MQTT-3.1.3-6", "MQTT-3.1.3-7", "MQTT-3.2.2-16"})
  void clients_without_an_id_are_given_ids_that_nobody_else_has(Clients clients) {
    Set<String> assigned = new HashSet<>();

    for (int i = 0; i < 200; i++) {
      Packet.Connack connack = clients.open(MQTT_5).connect("");
      assigned.add(connack.properties().string(Property.ASSIGNED_CLIENT_IDENTIFIER));
    }

    assertThat(assigned).hasSize(200).doesNotContainNull().doesNotContain("");
  }

  @Test
  @Conforms("MQTT-3.1.3-7")
  void an_assigned_id_finds_its_session_again(Clients clients) {
    MqttSocket first = clients.open(MQTT_5);
    String assigned =
        first
            .connect("", how -> how.persistent())
            .properties()
            .string(Property.ASSIGNED_CLIENT_IDENTIFIER);
    first.disconnect();

    Packet.Connack again =
        clients.open(MQTT_5).connect(String.valueOf(assigned), how -> how.persistent());

    assertThat(again.sessionPresent()).isTrue();
  }

  @Test
  @Conforms("MQTT-3.1.3-7")
  void no_id_is_assigned_to_a_client_that_has_one(Clients clients) {
    Packet.Connack connack = clients.open(MQTT_5).connect(clients.id());

    assertThat(connack.properties().has(Property.ASSIGNED_CLIENT_IDENTIFIER)).isFalse();
  }

  @Test
  @Conforms("v3:MQTT-3.1.3-6")
  void clients_of_3_1_1_without_an_id_coexist(Clients clients) {
    MqttSocket one = clients.open(MQTT_3_1_1);
    MqttSocket two = clients.open(MQTT_3_1_1);

    one.connect("");
    two.connect("");

    one.expectSilence();
    two.expectSilence();
  }

  @Test
  @Conforms({"v3:MQTT-3.1.3-8", "v3:MQTT-3.2.2-4", "v3:MQTT-3.2.2-5"})
  void an_empty_id_with_a_session_to_keep_is_refused_in_3_1_1(Clients clients) {
    MqttSocket socket = clients.open(MQTT_3_1_1);

    socket.sendConnect("", how -> how.resuming());

    assertThat(socket.expectRefused(CLIENT_IDENTIFIER_NOT_VALID)).isNotNull();
  }

  @Test
  @Conforms("MQIsdp-2")
  void an_empty_id_is_refused_in_3_1(Clients clients) {
    MqttSocket clean = clients.open(MQTT_3_1);
    MqttSocket resuming = clients.open(MQTT_3_1);

    clean.sendConnect("", how -> how);
    resuming.sendConnect("", how -> how.resuming());

    assertThat(clean.expectRefused(CLIENT_IDENTIFIER_NOT_VALID)).isNotNull();
    assertThat(resuming.expectRefused(CLIENT_IDENTIFIER_NOT_VALID)).isNotNull();
  }

  @EachVersion
  @Conforms({
    "MQTT-3.1.4-3",
    "v3:MQTT-3.1.4-2",
    "MQIsdp-17",
    "MQTT-3.14.2-2",
    "MQTT-3.14.4-1",
    "MQTT-3.14.4-2"
  })
  void a_second_connection_with_the_same_id_takes_over(ProtocolVersion version, Clients clients) {
    String id = clients.id();
    MqttSocket first = clients.open(version);
    first.connect(id);

    MqttSocket second = clients.open(version);
    second.connect(id);

    ReasonCode reason = first.expectRefused(SESSION_TAKEN_OVER);
    if (version.isV5()) {
      assertThat(reason).as("[MQTT-3.1.4-3] asks for the DISCONNECT").isNotNull();
    }
    second.expectSilence();
  }

  @Test
  @Conforms({"MQTT-3.1.2-28", "MQTT-4.12.0-6"})
  void a_connack_has_nothing_that_was_not_asked_for(Clients clients) {
    Packet.Connack plain = clients.open(MQTT_5).connect(clients.id());
    Packet.Connack zero =
        clients
            .open(MQTT_5)
            .connect(clients.id(), how -> how.property(Property.REQUEST_RESPONSE_INFORMATION, 0));

    for (Packet.Connack connack : List.of(plain, zero)) {
      assertThat(connack.properties().has(Property.RESPONSE_INFORMATION)).isFalse();
      assertThat(connack.properties().has(Property.AUTHENTICATION_METHOD)).isFalse();
      assertThat(connack.properties().has(Property.AUTHENTICATION_DATA)).isFalse();
    }
  }

  @EachVersion
  @Conforms({"MQTT-3.2.2-1", "MQTT-3.2.2-8", "MQTT-2.2.2-1"})
  void a_connack_has_the_flags_the_code_and_the_properties_of_its_version(
      ProtocolVersion version, Clients clients) {
    MqttSocket socket = clients.open(version);

    socket.connect(clients.id(), how -> how.persistent());

    // The client reads strictly: reserved bits, the code's table, the length of the properties.
    socket.expectSilence();
  }

  @EachVersion
  @Conforms("MQIsdp-16")
  void packets_sent_before_connack_came_are_handled(ProtocolVersion version, Clients clients) {
    String topic = clients.topic();
    MqttSocket socket = clients.open(version);

    socket.sendTogether(
        new Connecting(version, clients.id()).packet(),
        new Packet.Subscribe(5, Properties.NONE, List.of(MqttSocket.subscription(topic, 1))),
        MqttSocket.publishing(topic, "early", 0, 0),
        new Packet.Pingreq());

    socket.expect(Packet.Connack.class);
    socket.expectAck(PacketType.SUBACK, 5);
    assertThat(MqttSocket.text(socket.receive())).isEqualTo("early");
    socket.expect(Packet.Pingresp.class);
  }

  @EachVersion
  @Conforms({"MQTT-3.12.4-1", "v3:MQTT-3.12.4-1"})
  void a_ping_is_answered(ProtocolVersion version, Clients clients) {
    MqttSocket socket = clients.connected(version);

    socket.send("c0 00").send("c0 00");

    socket.expect(Packet.Pingresp.class);
    socket.expect(Packet.Pingresp.class);
  }

  @Test
  @Conforms({"MQTT-4.12.0-1"})
  void an_unknown_authentication_method_is_refused(Clients clients) {
    MqttSocket socket = clients.open(MQTT_5);

    socket.sendConnect(
        clients.id(), how -> how.property(Property.AUTHENTICATION_METHOD, "NO-SUCH-METHOD"));

    socket.expectRefused(ReasonCode.BAD_AUTHENTICATION_METHOD, ReasonCode.NOT_AUTHORIZED);
  }

  @Test
  @Conforms({"MQTT-4.12.0-7", "MQTT-4.12.0-6"})
  void auth_without_a_method_in_connect_is_refused(Clients clients) {
    MqttSocket socket = clients.connected(MQTT_5);

    socket.send("f0 02 19 00");

    socket.expectRefused(PROTOCOL_ERROR, ReasonCode.BAD_AUTHENTICATION_METHOD);
  }

  @Test
  @Conforms("MQTT-3.15.1-1")
  void wrong_flags_of_auth_are_refused(Clients clients) {
    MqttSocket socket = clients.connected(MQTT_5);

    socket.send("f1 00");

    refusedAsMalformed(socket);
  }

  @Test
  @Conforms("MQTT-3.15.2-1")
  void a_reason_that_auth_cannot_have_is_refused(Clients clients) {
    MqttSocket socket = clients.connected(MQTT_5);

    socket.send("f0 02 01 00");

    refusedAsMalformed(socket);
  }

  @Test
  @Conforms("MQIsdp-20")
  void a_bridge_of_3_x_gets_no_echo_and_sees_retain_as_published(Clients clients) {
    for (ProtocolVersion version : List.of(MQTT_3_1, MQTT_3_1_1)) {
      String topic = clients.topic();
      MqttSocket bridge = clients.connected(version, how -> how.bridge());
      bridge.subscribe(topic, 1);
      MqttSocket other = clients.connected(version);

      bridge.publish(topic, "own", 1);
      bridge.expectNothingFrom(other);
      other.publishRetained(topic, "theirs", 1);

      Packet.Publish message = bridge.receive();
      assertThat(MqttSocket.text(message)).isEqualTo("theirs");
      assertThat(message.retain()).isTrue();
    }
  }

  @Test
  @Conforms("MQIsdp-21")
  void a_bridge_may_have_its_state_under_sys(Clients clients) {
    String state = "$SYS/broker/connection/" + clients.id() + "/state";
    MqttSocket bridge =
        clients.connected(MQTT_3_1_1, how -> how.bridge().will(state, "0", 1, true));

    bridge.publish(state, "1", 1, true, Properties.NONE);

    bridge.expectSilence();
  }
}
