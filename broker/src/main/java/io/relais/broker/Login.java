package io.relais.broker;

import io.relais.broker.access.Answer;
import io.relais.broker.access.Authentication;
import io.relais.broker.access.AuthenticationSource.Exchange;
import io.relais.broker.access.AuthenticationSource.Step;
import io.relais.broker.access.Client;
import io.relais.broker.access.Grant;
import io.relais.protocol.MalformedPacket;
import io.relais.protocol.Packet;
import io.relais.protocol.Properties;
import io.relais.protocol.Property;
import io.relais.protocol.ReasonCode;
import org.jspecify.annotations.Nullable;

/// How one connection's client shows who it is: by user name and password, by its certificate, or
/// by an exchange of AUTH packets, which may come again while the connection is open.
///
/// Owner: the connection's loop; answers of sources are brought there.
final class Login {
  private final Authentication authentication;
  private final Loop loop;
  private final Connection connection;
  private @Nullable String method;
  private @Nullable Exchange exchange;
  private byte @Nullable [] lastData; // for the CONNACK
  private boolean thinking; // a source has the client's last AUTH

  Login(Authentication authentication, Loop loop, Connection connection) {
    this.authentication = authentication;
    this.loop = loop;
    this.connection = connection;
  }

  /// Asks the sources, or begins the exchange that the client names. Ends in
  /// [Connection#onAdmitted] or [Connection#onLoginRefused].
  ///
  /// @param certificateName of a certificate that says who the client is; null: none does
  void begin(Client asking, Packet.Connect said, @Nullable String certificateName) {
    method = said.properties().string(Property.AUTHENTICATION_METHOD);
    if (method != null) {
      exchange = authentication.begin(method, asking);
      if (exchange == null) { // [MQTT-4.12.0-1]
        connection.onLoginRefused(
            ReasonCode.BAD_AUTHENTICATION_METHOD,
            "the authentication method is not one that is configured");
        return;
      }
      step(exchange, said.properties().binary(Property.AUTHENTICATION_DATA));
      return;
    }
    connection.pause(Connection.WAITS_FOR_STORE);
    if (certificateName != null) {
      connection.onAdmitted(asking.withUsername(certificateName));
      return;
    }
    authentication.authenticate(
        asking, said.username(), said.password(), answer -> onLoop(() -> onAnswer(asking, answer)));
  }

  private void onLoop(Runnable task) {
    if (loop.eventLoop().inEventLoop()) {
      task.run();
    } else {
      loop.eventLoop().execute(task);
    }
  }

  private void onAnswer(Client asking, Answer answer) {
    if (!connection.isOpening()) {
      return;
    }
    switch (answer) {
      case Answer.Accept(String username, Grant grant) ->
          connection.onAdmitted(asking.with(username, grant));
      case Answer.Refuse(ReasonCode reason, String why) -> connection.onLoginRefused(reason, why);
      case Answer.Abstain() ->
          throw new IllegalStateException("The chain of authentication always decides");
    }
  }

  private void step(Exchange with, byte @Nullable [] data) {
    thinking = true;
    with.step(data, next -> onLoop(() -> onStep(next)));
  }

  private void onStep(Step next) {
    thinking = false;
    Client client = connection.client();
    if (client == null || !connection.isOpening() && !connection.isOpen()) {
      return;
    }
    switch (next) {
      case Step.Continue(byte[] data) ->
          connection.answer(auth(ReasonCode.CONTINUE_AUTHENTICATION, data)); // [MQTT-4.12.0-2]
      case Step.Accept(String username, byte[] data) -> {
        exchange = null;
        Client known = client.withUsername(username);
        if (connection.isOpening()) {
          lastData = data;
          connection.onAdmitted(known);
        } else {
          connection.onReauthenticated(known);
          if (connection.isOpen()) { // else it is banned as who it is now
            connection.answer(auth(ReasonCode.SUCCESS, data));
          }
        }
      }
      case Step.Refuse(ReasonCode reason, String why) -> {
        exchange = null;
        if (connection.isOpening()) {
          connection.onLoginRefused(reason, why); // [MQTT-4.12.0-4]
        } else { // [MQTT-4.12.1-2]
          connection.disconnect(ReasonCode.NOT_AUTHORIZED, "re-authentication failed");
        }
      }
    }
  }

  /// Whether an AUTH may come before CONNACK.
  boolean awaitsAuth() {
    return exchange != null && !thinking;
  }

  /// An AUTH of an exchange, before CONNACK or after.
  void onContinue(Packet.Auth auth) throws MalformedPacket {
    checkMethod(auth);
    Exchange with = exchange;
    if (with == null) {
      throw new MalformedPacket(ReasonCode.PROTOCOL_ERROR, "AUTH 0x18 came outside of an exchange");
    }
    if (auth.reason() != ReasonCode.CONTINUE_AUTHENTICATION) { // [MQTT-4.12.0-3]
      throw new MalformedPacket(
          ReasonCode.PROTOCOL_ERROR, "AUTH within an exchange has the code 0x18");
    }
    step(with, auth.properties().binary(Property.AUTHENTICATION_DATA));
  }

  /// An AUTH after CONNACK: a re-authentication, or a step of one.
  void onAuth(Packet.Auth auth, Client client) throws MalformedPacket {
    checkMethod(auth); // [MQTT-4.12.0-7]
    if (thinking) {
      throw new MalformedPacket(ReasonCode.PROTOCOL_ERROR, "AUTH came before our answer");
    }
    switch (auth.reason()) {
      case REAUTHENTICATE -> {
        if (exchange != null || method == null) {
          throw new MalformedPacket(ReasonCode.PROTOCOL_ERROR, "AUTH 0x19 came within an exchange");
        }
        exchange = authentication.begin(method, client);
        if (exchange == null) {
          throw new MalformedPacket(
              ReasonCode.BAD_AUTHENTICATION_METHOD, "the method is no longer configured");
        }
        step(exchange, auth.properties().binary(Property.AUTHENTICATION_DATA));
      }
      case CONTINUE_AUTHENTICATION -> onContinue(auth);
      default ->
          throw new MalformedPacket(
              ReasonCode.PROTOCOL_ERROR, "a client sends AUTH with the codes 0x18 and 0x19");
    }
  }

  private void checkMethod(Packet.Auth auth) throws MalformedPacket {
    String said = auth.properties().string(Property.AUTHENTICATION_METHOD);
    if (method == null || !method.equals(said)) { // [MQTT-4.12.0-5] [MQTT-4.12.1-1]
      throw new MalformedPacket(
          ReasonCode.PROTOCOL_ERROR,
          method == null
              ? "AUTH came on a connection that began without an authentication method"
              : "AUTH names another authentication method than CONNECT did");
    }
  }

  /// What a CONNACK says of the exchange: [MQTT-4.12.0-5] [MQTT-4.12.0-6]
  void addTo(Properties.Builder properties) {
    addTo(properties, lastData);
  }

  private void addTo(Properties.Builder properties, byte @Nullable [] data) {
    if (method != null) {
      properties.add(Property.AUTHENTICATION_METHOD, method);
      if (data != null) {
        properties.add(Property.AUTHENTICATION_DATA, data);
      }
    }
  }

  private Packet auth(ReasonCode reason, byte @Nullable [] data) {
    Properties.Builder properties = Properties.builder();
    addTo(properties, data);
    return new Packet.Auth(reason, properties.build());
  }
}
