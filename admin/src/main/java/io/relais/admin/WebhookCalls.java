package io.relais.admin;

import io.relais.api.Items;
import io.relais.api.Role;
import io.relais.api.Webhook;
import io.relais.broker.webhook.WebhookEvent;
import io.relais.broker.webhook.WebhookState;
import java.net.URI;
import java.time.Instant;
import java.util.List;

/// Services that are told what happens.
final class WebhookCalls {
  private final List<io.relais.broker.webhook.Webhook> webhooks;

  WebhookCalls(List<io.relais.broker.webhook.Webhook> webhooks) {
    this.webhooks = webhooks;
  }

  void addTo(Operations operations) {
    operations
        .get("/api/v1/webhooks", Role.VIEWER, "Services that are told what happens")
        .givesPageOf(Webhook.class)
        .by(call -> new Items<>(webhooks.stream().map(WebhookCalls::told).toList(), null));
  }

  private static Webhook told(io.relais.broker.webhook.Webhook one) {
    WebhookState state = one.state();
    URI url = one.settings().url();
    return new Webhook(
        one.settings().name(),
        "%s://%s%s".formatted(url.getScheme(), url.getRawAuthority(), url.getRawPath()),
        one.settings().events().stream().map(WebhookEvent::label).toList(),
        one.settings().topics(),
        state.queued(),
        state.sent(),
        state.retries(),
        state.droppedQueueFull(),
        state.droppedFailed(),
        state.droppedRefused(),
        state.lastError(),
        state.lastErrorMillis() == 0 ? null : Instant.ofEpochMilli(state.lastErrorMillis()));
  }
}
