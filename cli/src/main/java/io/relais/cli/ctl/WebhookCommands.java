package io.relais.cli.ctl;

import java.io.IOException;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/// Services that are told what happens.
@Command(
    name = "webhooks",
    mixinStandardHelpOptions = true,
    description = "Lists the services that are told what happens, and how that goes.")
final class WebhookCommands implements Callable<Integer> {
  @Mixin ApiOptions options = new ApiOptions();

  @Override
  public Integer call() throws IOException {
    return options.list(
        "/api/v1/webhooks",
        Map.of(),
        Lists.ALL,
        "name",
        "url",
        "queuedEvents",
        "sentEvents",
        "retries",
        "droppedQueueFull",
        "droppedFailed",
        "droppedRefused",
        "lastError");
  }
}
