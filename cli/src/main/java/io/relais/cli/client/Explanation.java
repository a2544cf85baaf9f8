package io.relais.cli.client;

import com.hivemq.client.mqtt.exceptions.ConnectionClosedException;
import com.hivemq.client.mqtt.mqtt3.exceptions.Mqtt3ConnAckException;
import com.hivemq.client.mqtt.mqtt3.exceptions.Mqtt3SubAckException;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5ConnAckException;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5DisconnectException;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5PubAckException;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5PubRecException;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5SubAckException;
import com.hivemq.client.mqtt.mqtt5.message.Mqtt5ReasonCode;
import com.hivemq.client.mqtt.mqtt5.message.disconnect.Mqtt5DisconnectReasonCode;
import io.netty.handler.codec.http.websocketx.WebSocketHandshakeException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.UnknownHostException;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import javax.net.ssl.SSLException;

/// Turns what went wrong on a connection into a sentence that says what to try.
record Explanation(String host, int port, boolean tls) {
  /// CONNACK codes after which another attempt may succeed: server unavailable, busy, quota or rate
  /// exceeded.
  private static final Set<Integer> PASSING = Set.of(3, 0x88, 0x89, 0x97, 0x9F);

  ClientFailure of(Throwable thrown) {
    for (var cause = thrown; cause != null; cause = cause.getCause()) {
      switch (cause) {
        case ClientFailure failure -> {
          return failure;
        }
        case Mqtt3ConnAckException refused -> {
          var code = refused.getMqttMessage().getReturnCode();
          return refused(code.getCode(), code.name(), "");
        }
        case Mqtt5ConnAckException refused -> {
          var ack = refused.getMqttMessage();
          return refused(
              ack.getReasonCode().getCode(),
              ack.getReasonCode().name(),
              ack.getReasonString().map(r -> " (" + r + ")").orElse(""));
        }
        case Mqtt5DisconnectException end -> {
          var code = end.getMqttMessage().getReasonCode();
          return ClientFailure.general(
              "The server ended the connection: " + words(code.name()) + hex(code.getCode()) + ".");
        }
        case Mqtt5PubAckException refused -> {
          return notAccepted(refused.getMqttMessage().getReasonCode());
        }
        case Mqtt5PubRecException refused -> {
          return notAccepted(refused.getMqttMessage().getReasonCode());
        }
        case Mqtt3SubAckException _, Mqtt5SubAckException _ -> {
          return ClientFailure.general("The server refused all subscriptions.");
        }
        case UnknownHostException _ -> {
          return ClientFailure.general(
              "There is no host '" + host + "': is the name right (-h), and does it resolve?");
        }
        case NoRouteToHostException _ -> {
          return ClientFailure.general("There is no route to " + address() + ".");
        }
        case ConnectException refused -> {
          return connectFailed(refused);
        }
        case IOException reset when tls && String.valueOf(reset.getMessage()).contains("reset") -> {
          return ClientFailure.general(
              address() + " ended the TLS handshake or the connection: does it speak TLS?");
        }
        case SSLException bad -> {
          return tls(bad);
        }
        case WebSocketHandshakeException bad -> {
          return ClientFailure.general(
              address()
                  + " does not accept WebSocket with MQTT at this path (--ws-path): "
                  + bad.getMessage()
                  + ".");
        }
        default -> {
          // Perhaps what caused it says more.
        }
      }
    }
    if (thrown instanceof ConnectionClosedException) {
      return ClientFailure.general(
          "The connection to "
              + address()
              + " was closed by the other side"
              + (tls ? "." : "; is it an MQTT port without TLS?"));
    }
    return ClientFailure.general("Connection to " + address() + " failed: " + thrown.getMessage());
  }

  boolean isPermanent(Throwable thrown) {
    for (var cause = thrown; cause != null; cause = cause.getCause()) {
      switch (cause) {
        case Mqtt3ConnAckException refused -> {
          return !PASSING.contains(refused.getMqttMessage().getReturnCode().getCode());
        }
        case Mqtt5ConnAckException refused -> {
          return !PASSING.contains(refused.getMqttMessage().getReasonCode().getCode());
        }
        case Mqtt5DisconnectException end -> {
          return end.getMqttMessage().getReasonCode()
              == Mqtt5DisconnectReasonCode.SESSION_TAKEN_OVER;
        }
        default -> {
          // Perhaps what caused it decides.
        }
      }
    }
    return false;
  }

  private static ClientFailure refused(int code, String name, String reason) {
    var advice =
        switch (code) {
          case 1, 0x84 -> " Try another protocol version (-V 311 or -V 5).";
          case 2, 0x85 -> " Try another client identifier (-i).";
          case 4, 5, 0x86, 0x87 -> " Check the user name (-u) and the password (-P).";
          default -> "";
        };
    return new ClientFailure(
        code,
        "The server refused the connection: " + words(name) + hex(code) + reason + "." + advice);
  }

  private static ClientFailure notAccepted(Mqtt5ReasonCode reason) {
    return ClientFailure.general(
        "The server did not accept the message: "
            + words(reason.toString())
            + hex(reason.getCode())
            + ".");
  }

  private ClientFailure connectFailed(ConnectException refused) {
    var message = Objects.requireNonNullElse(refused.getMessage(), "");
    if (message.contains("refused")) {
      return ClientFailure.general(
          "Connection refused: nothing listens on "
              + address()
              + ". Is the server running, and is"
              + " the port right (-p)?");
    }
    return ClientFailure.general("Cannot connect to " + address() + ": " + message);
  }

  private ClientFailure tls(SSLException bad) {
    var text = new StringBuilder();
    for (Throwable cause = bad; cause != null; cause = cause.getCause()) {
      text.append(cause.getMessage()).append('\n');
    }
    var all = text.toString();
    if (all.contains("No subject alternative") || all.contains("No name matching")) {
      return ClientFailure.general(
          "The server's certificate is not for '"
              + host
              + "': connect by a name that it carries (-h), or use --insecure in a trial.");
    }
    if (all.contains("expired") || all.contains("NotAfter")) {
      return ClientFailure.general("The server's certificate has expired.");
    }
    if (all.contains("PKIX") || all.contains("trust")) {
      return ClientFailure.general(
          "The certificate of "
              + address()
              + " is not trusted: name the certificate of its authority with --cafile.");
    }
    if (all.contains("not an SSL/TLS record")) {
      return ClientFailure.general(
          address() + " does not speak TLS: is it a port for connections without TLS?");
    }
    if (all.contains("certificate_required") || all.contains("bad_certificate")) {
      return ClientFailure.general(
          "The server asks for a client certificate and did not accept ours: see --cert and --key.");
    }
    return ClientFailure.general("TLS with " + address() + " failed: " + bad.getMessage());
  }

  String address() {
    return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
  }

  private static String words(String name) {
    return name.toLowerCase(Locale.ROOT).replace('_', ' ');
  }

  private static String hex(int code) {
    return " (" + (code < 128 ? Integer.toString(code) : String.format("0x%02X", code)) + ")";
  }
}
