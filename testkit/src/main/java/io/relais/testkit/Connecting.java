package io.relais.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.relais.protocol.Packet;
import io.relais.protocol.Properties;
import io.relais.protocol.Property;
import io.relais.protocol.ProtocolVersion;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a test wants to say in a CONNECT; all that it does not mention is absent, the session is
/// clean and keep-alive is off.
///
/// Owner: the test's thread.
public final class Connecting {
  private final ProtocolVersion version;
  private final List<Properties.Entry> properties = new ArrayList<>();
  private String clientId;
  private boolean clean = true;
  private boolean bridge;
  private int keepAliveSeconds;
  private Packet.@Nullable Will will;
  private @Nullable String username;
  private byte @Nullable [] password;

  public Connecting(ProtocolVersion version, String clientId) {
    this.version = version;
    this.clientId = clientId;
  }

  public Connecting id(String clientId) {
    this.clientId = clientId;
    return this;
  }

  /// Clean Start or CleanSession 0: takes the session up that exists.
  public Connecting resuming() {
    clean = false;
    return this;
  }

  /// A session that outlives its connection, in each version's own way: Clean Start 0 with an
  /// expiry of ten minutes in 5.0, CleanSession 0 in 3.x.
  public Connecting persistent() {
    return version.isV5() ? resuming().sessionExpiry(600) : resuming();
  }

  public Connecting sessionExpiry(long seconds) {
    return property(Property.SESSION_EXPIRY_INTERVAL, seconds);
  }

  public Connecting keepAlive(int seconds) {
    keepAliveSeconds = seconds;
    return this;
  }

  /// Sets bit 0x80 of the protocol level.
  public Connecting bridge() {
    bridge = true;
    return this;
  }

  public Connecting will(String topic, String payload, int qos, boolean retain) {
    return will(topic, payload, qos, retain, Properties.NONE);
  }

  public Connecting will(
      String topic, String payload, int qos, boolean retain, Properties properties) {
    return will(new Packet.Will(topic, payload.getBytes(UTF_8), qos, retain, properties));
  }

  public Connecting will(Packet.Will will) {
    this.will = will;
    return this;
  }

  public Connecting username(String username) {
    this.username = username;
    return this;
  }

  public Connecting password(String password) {
    this.password = password.getBytes(UTF_8);
    return this;
  }

  public Connecting property(Property property, int value) {
    return properties(Properties.builder().add(property, value).build());
  }

  public Connecting property(Property property, long value) {
    return properties(Properties.builder().add(property, value).build());
  }

  public Connecting property(Property property, String value) {
    return properties(Properties.builder().add(property, value).build());
  }

  public Connecting property(Property property, byte[] value) {
    return properties(Properties.builder().add(property, value).build());
  }

  /// Adds to the properties that stand already.
  public Connecting properties(Properties more) {
    properties.addAll(more.entries());
    return this;
  }

  public Packet.Connect packet() {
    return new Packet.Connect(
        version,
        bridge,
        clean,
        keepAliveSeconds,
        Properties.of(properties),
        clientId,
        will,
        username,
        password);
  }
}
