package io.relais.broker.access;

import io.relais.protocol.Topics;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// One line of the list that says who may do what. It speaks of a client if everything that it
/// names is so, and of a topic if its filter takes it in.
///
/// @param filter with `%u` for the user name and `%c` for the client id, each a whole level
/// @param username empty: of clients without one; null: of any client, as are the next four
/// @param address one address or a range like `10.0.0.0/8`
/// @param certificateName the common name of the certificate that TLS checked
/// @param group that the client is in
/// @param qosMax publishing and subscribing up to this QoS only
/// @param retain publishing with this flag only; null: either
public record Rule(
    Effect effect,
    Action action,
    String filter,
    @Nullable String username,
    @Nullable String clientId,
    @Nullable AddressRange address,
    @Nullable String certificateName,
    @Nullable String group,
    int qosMax,
    @Nullable Boolean retain) {

  public enum Effect {
    ALLOW,
    DENY
  }

  public enum Action {
    PUBLISH,
    SUBSCRIBE,
    ALL;

    boolean isPublish() {
      return this != SUBSCRIBE;
    }

    boolean isSubscribe() {
      return this != PUBLISH;
    }
  }

  /// A rule of its filter alone.
  public static Rule of(Effect effect, Action action, String filter) {
    return new Rule(effect, action, filter, null, null, null, null, null, 2, null);
  }

  /// What is wrong with a rule's filter, or null.
  public static @Nullable String problemWithFilter(String filter) {
    String problem = Topics.problemWithFilter(filter);
    if (problem != null) {
      return problem;
    }
    for (String level : filter.split("/", -1)) {
      boolean names = level.contains("%u") || level.contains("%c");
      if (names && level.length() > 2) {
        return "%u and %c stand for a whole level, and '" + level + "' is more than that";
      }
    }
    return filter.startsWith("$share/")
            || filter.startsWith("$exclusive/")
            || filter.startsWith("$delayed/")
        ? "it is compared with what stands behind $share/<group>/, $exclusive/ and"
            + " $delayed/<seconds>/, so leave that out"
        : null;
  }

  /// Whether it speaks of this client at all.
  ///
  /// @param commonName of the client's certificate
  /// @param groups that the client is in
  boolean isAbout(Client client, @Nullable String commonName, Set<String> groups) {
    return (username == null || username.equals(named(client)))
        && (clientId == null || clientId.equals(client.clientId()))
        && (address == null || address.contains(client.address()))
        && (certificateName == null || certificateName.equals(commonName))
        && (group == null || groups.contains(group));
  }

  private static String named(Client client) {
    String name = client.username();
    return name == null ? "" : name;
  }
}
