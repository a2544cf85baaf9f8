package io.relais.broker;

import io.relais.broker.access.Client;
import io.relais.broker.access.Rule;
import io.relais.broker.access.Rules;
import io.relais.protocol.PublishView;
import io.relais.storage.Message;
import io.relais.storage.Outcome;
import io.relais.storage.StoredSubscription;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What [Inbound] notes down of the messages that are followed. On the publisher's loop.
final class Telling {
  private Telling() {}

  /// @param view as it came; null: it waited for a policy
  /// @param given that waited
  static Story begin(
      Services services,
      Session session,
      Route route,
      @Nullable PublishView view,
      @Nullable Message given,
      int packetId) {
    Stories stories = session.loop().stories();
    Story story;
    if (view != null) {
      story =
          stories.begin(
              route,
              session.clientId(),
              view.qos(),
              view.retain(),
              packetId,
              view.array(),
              view.payloadStart(),
              view.end());
    } else if (given != null) {
      story =
          stories.begin(
              route,
              session.clientId(),
              given.qos(),
              given.retain(),
              packetId,
              given.payload(),
              0,
              given.payload().length);
    } else {
      throw new IllegalStateException("A PUBLISH that is neither at hand nor waited");
    }
    story.by(session.client());
    story.add("authorization", "allowed", why(services, session, story));
    return story;
  }

  /// A message that its client may not publish.
  static void denied(
      Services services,
      Session session,
      Route route,
      int qos,
      boolean retain,
      int packetId,
      int payloadBytes) {
    Stories stories = session.loop().stories();
    if (stories.wantsRefused(route)) {
      Story story = stories.refused(route, session.clientId(), qos, retain, packetId, payloadBytes);
      story.by(session.client());
      story.refused("authorization", Story.Ending.DENIED, why(services, session, story));
    }
  }

  /// What decided whether this client may publish there.
  private static String why(Services services, Session session, Story story) {
    Client client = session.client();
    Rules rules = services.policy().rules(client);
    if (rules == null) {
      return session.policy().isOpen()
          ? "there are no rules, so everybody may publish"
          : "a policy beside the rules decides";
    }
    List<Rule> all = rules.rules();
    Rules.Decision decision = rules.onPublish(client, story.topic(), story.qos(), story.retain());
    if (decision.index() < 0) {
      return decision.allowed()
          ? "there are no rules, so everybody may publish"
          : "none of %d rules speaks of it, and then it is denied".formatted(all.size());
    }
    Rule rule = all.get(decision.index());
    return "rule %d of %d decides%s: %s %s '%s'"
        .formatted(
            decision.index() + 1,
            all.size(),
            client.grant().rules() == null ? "" : " (those that came with its log-in)",
            rule.effect().name().toLowerCase(Locale.ROOT),
            rule.action().name().toLowerCase(Locale.ROOT),
            rule.filter());
  }

  static void route(Story story, Route route, boolean retain) {
    if (route.isEmpty()) {
      story.add("match", "no-subscriber", "no subscription takes in '" + route.topic() + "'");
    }
    if (retain) {
      story.add("retain", "kept", "as the retained message of '" + route.topic() + "'");
    }
  }

  /// Which queues take it, as the store has it right behind the message.
  static void queues(Services services, Loop loop, Story story) {
    loop.lane()
        .look(
            state -> state.matching(story.topic()).sessions(),
            sessions -> queues(services, sessions, story));
  }

  private static void queues(
      Services services, Map<String, List<StoredSubscription>> sessions, Story story) {
    int told = 0;
    for (Map.Entry<String, List<StoredSubscription>> one : sessions.entrySet()) {
      int most = one.getValue().stream().mapToInt(StoredSubscription::qos).max().orElse(0);
      int qos = Math.min(most, story.qos());
      if (qos == 0 || ++told > Story.TOLD_MAX) {
        continue;
      }
      List<String> filters =
          one.getValue().stream().map(s -> "'" + s.filter().text() + "'").toList();
      boolean connected = services.directory().get(one.getKey()) != null;
      story.add(
          "queue",
          "queued",
          "for '%s' by %s at QoS %d: it is %s"
              .formatted(
                  one.getKey(),
                  String.join(", ", filters),
                  qos,
                  connected ? "connected, and is sent its queue" : "away"));
    }
    if (told > Story.TOLD_MAX) {
      story.add("queue", "more", (told - Story.TOLD_MAX) + " sessions more");
    }
  }

  /// What the store said.
  static void kept(Story story, Outcome outcome) {
    if (outcome instanceof Outcome.Appended appended) {
      story.kept(appended.matched());
      if (appended.duplicate()) {
        story.add("store", "repeated", "the store has this packet id already");
      }
      appended
          .groups()
          .forEach(
              group ->
                  story.add("shared-group", "queued", "in the queue of '" + group.text() + "'"));
    } else if (outcome instanceof Outcome.Refused refused) {
      story.refused("store", Story.Ending.DROPPED, refused.cause().label() + ": " + refused.why());
    }
  }
}
