package io.relais.admin;

import io.relais.api.PastMessage;
import io.relais.api.Role;
import io.relais.broker.Administration;
import io.relais.broker.Story;
import io.relais.protocol.Topics;
import java.util.List;

/// What became of messages of late.
final class PastMessageCalls {
  private final Administration broker;

  PastMessageCalls(Administration broker) {
    this.broker = broker;
  }

  void addTo(Operations operations) {
    operations
        .get("/api/v1/explain/messages", Role.OPERATOR, "Messages of late, the newest first")
        .query("clientId", String.class, "Of this publisher")
        .query("topic", String.class, "That this topic filter takes in")
        .givesPageOf(PastMessage.class)
        .by(this::list);
    operations
        .get("/api/v1/explain/messages/{id}", Role.OPERATOR, "What became of one message, and why")
        .gives(PastMessage.class)
        .by(this::one);
  }

  private Object list(Call call) {
    String clientId = call.query("clientId");
    String filter = call.query("topic");
    new Check()
        .none("topic", filter == null ? null : Topics.problemWithFilter(filter))
        .throwIfAny();
    String cursor = call.cursor();
    List<Story> found =
        Answers.await(
            broker.stories(
                story ->
                    (clientId == null || clientId.equals(story.clientId()))
                        && (filter == null || Topics.matches(filter, story.topic()))
                        && (cursor == null || id(story).compareTo(cursor) < 0),
                call.limit() + 1));
    return Pages.first(found, call, PastMessageCalls::id, story -> told(story, false));
  }

  private Object one(Call call) {
    String id = call.path("id");
    List<Story> found = Answers.await(broker.stories(story -> id(story).equals(id), 1));
    if (found.isEmpty()) {
      throw Failure.notFound(
          "Nothing is remembered of the message '%s'; traces.messages says of how many it is"
              .formatted(id));
    }
    return told(found.getFirst(), true);
  }

  /// In the order of time.
  private static String id(Story story) {
    return "%016d-%03d".formatted(story.micros(), story.loop());
  }

  private static PastMessage told(Story story, boolean withSteps) {
    List<PastMessage.Step> steps =
        withSteps
            ? story.steps().stream()
                .map(
                    step ->
                        new PastMessage.Step(
                            step.micros(), step.step(), step.outcome(), step.detail()))
                .toList()
            : null;
    return new PastMessage(
        id(story),
        WaitingEntries.time(story.micros()),
        story.clientId(),
        story.topic(),
        story.qos(),
        story.retain(),
        story.packetId() == 0 ? null : story.packetId(),
        story.payloadBytes(),
        story.ending().label(),
        steps);
  }
}
