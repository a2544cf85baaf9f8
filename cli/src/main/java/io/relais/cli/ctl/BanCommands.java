package io.relais.cli.ctl;

import io.relais.api.ApiClient;
import io.relais.api.Ban;
import io.relais.api.BanKind;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

/// Who may not connect.
@Command(
    name = "bans",
    mixinStandardHelpOptions = true,
    description = "Lists who may not connect, bans clients, and lets them in again.")
final class BanCommands implements Callable<Integer> {
  private static final Pattern TIME = Pattern.compile("(\\d{1,9})([smhd])");

  @Spec CommandSpec spec = CommandSpec.create();
  @Mixin ApiOptions options = new ApiOptions();

  @Override
  public Integer call() throws IOException {
    return options.list(
        "/api/v1/bans", Map.of(), Lists.ALL, "id", "kind", "value", "until", "by", "reason");
  }

  @Command(
      name = "add",
      mixinStandardHelpOptions = true,
      description = "Bans clients, and disconnects those that are there.")
  int add(
      @Mixin ApiOptions asked,
      @Option(
              names = "--kind",
              required = true,
              paramLabel = "KIND",
              description =
                  "client, user, address (one, or a range like 10.0.0.0/8), client-pattern or"
                      + " user-pattern (with * and ?).")
          String kind,
      @Option(
              names = "--until",
              paramLabel = "TIME",
              description = "When it is over, like 2027-01-31T12:00:00Z. Default: never.")
          @Nullable String until,
      @Option(
              names = "--for",
              paramLabel = "TIME",
              description = "How long it holds, like 30s, 10m, 2h or 7d.")
          @Nullable String time,
      @Option(names = "--reason", paramLabel = "TEXT", description = "For other operators.")
          @Nullable String reason,
      @Parameters(paramLabel = "VALUE", description = "Who.") String value)
      throws IOException {
    if (until != null && time != null) {
      throw wrong("--until and --for say the same; give one of them");
    }
    var ban = new Ban(null, kind(kind), value, reason, null, end(until, time, Instant.now()), null);
    return asked.run(
        api -> {
          JsonNode made = api.call("POST", "/api/v1/bans", ban, JsonNode.class);
          asked.tell(made, "banned: " + made.get("id").stringValue());
        });
  }

  private BanKind kind(String text) {
    for (BanKind kind : BanKind.values()) {
      if (label(kind).equals(text)) {
        return kind;
      }
    }
    throw wrong(
        "--kind is '%s'; expected one of %s"
            .formatted(
                text,
                String.join(
                    ", ", Arrays.stream(BanKind.values()).map(BanCommands::label).toList())));
  }

  private static String label(BanKind kind) {
    return kind.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  private @Nullable Instant end(@Nullable String until, @Nullable String time, Instant now) {
    if (until != null) {
      try {
        return Instant.parse(until);
      } catch (DateTimeException e) {
        throw wrong("--until is '" + until + "'; write it like 2027-01-31T12:00:00Z");
      }
    }
    if (time == null) {
      return null;
    }
    Matcher written = TIME.matcher(time);
    if (!written.matches()) {
      throw wrong("--for is '" + time + "'; write it like 30s, 10m, 2h or 7d");
    }
    long count = Long.parseLong(written.group(1));
    return now.plus(
        switch (written.group(2)) {
          case "s" -> Duration.ofSeconds(count);
          case "m" -> Duration.ofMinutes(count);
          case "h" -> Duration.ofHours(count);
          default -> Duration.ofDays(count);
        });
  }

  private ParameterException wrong(String why) {
    return new ParameterException(spec.commandLine(), why);
  }

  @Command(name = "remove", mixinStandardHelpOptions = true, description = "Removes a ban.")
  int remove(
      @Mixin ApiOptions asked, @Parameters(paramLabel = "ID", description = "Its id.") String id)
      throws IOException {
    return asked.run(
        api -> {
          api.call("DELETE", ApiClient.path("/api/v1/bans/{}", Map.of(), id), null);
          asked.say("removed");
        });
  }
}
