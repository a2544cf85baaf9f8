package io.relais.cli.client;

import com.hivemq.client.mqtt.datatypes.MqttTopic;
import com.hivemq.client.mqtt.datatypes.MqttTopicFilter;
import java.time.Clock;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `relais sub`: subscribes and prints what it receives.
///
/// Owner: the main thread connects and waits; messages are filtered, counted and printed on the
/// event loop.
@Command(
    name = "sub",
    description = "Subscribes to topics and prints the messages that it receives.",
    exitCodeOnInvalidInput = 1,
    sortOptions = false)
public final class SubCommand implements Callable<Integer> {
  @Option(
      names = {"-t", "--topic"},
      paramLabel = "FILTER",
      parameterConsumer = NextArgument.class,
      description = "Topic filter to subscribe to; may be repeated.")
  List<String> topics = new ArrayList<>();

  @Option(
      names = {"-T", "--filter-out"},
      paramLabel = "FILTER",
      parameterConsumer = NextArgument.class,
      description = "Do not print messages that match; may be repeated.")
  List<String> filteredOut = new ArrayList<>();

  @Option(
      names = {"-U", "--unsubscribe"},
      paramLabel = "FILTER",
      parameterConsumer = NextArgument.class,
      description = "Unsubscribe from a filter, after subscribing; may be repeated.")
  List<String> unsubscribed = new ArrayList<>();

  @Option(
      names = {"-q", "--qos"},
      paramLabel = "QOS",
      description = "QoS (default: ${DEFAULT-VALUE}).")
  int qos;

  @Option(names = "-C", paramLabel = "COUNT", description = "End after so many messages.")
  @Nullable Integer count;

  @Option(
      names = "-W",
      paramLabel = "SECONDS",
      description = "End after so many seconds, with exit code 27.")
  int timeout;

  @Option(names = "-E", description = "End when all subscriptions are acknowledged.")
  boolean endOnceSubscribed;

  @Option(names = "-R", description = "Do not print messages that were retained.")
  boolean noRetained;

  @Option(
      names = "--retained-only",
      description = "Print retained messages only, and end at the first other one.")
  boolean retainedOnly;

  @Option(
      names = "--remove-retained",
      description = "Clear retained messages that are received, except those that match -T.")
  boolean removeRetained;

  @Option(
      names = "--retain-as-published",
      description = "MQTT 5: keep the retain flag as it was published.")
  boolean retainAsPublished;

  @Option(
      names = "--random-filter",
      paramLabel = "PERCENT",
      description = "Print only so many of a hundred messages, chosen by chance.")
  double percent = 100;

  @Mixin PrintOptions print = new PrintOptions();

  @Mixin ConnectOptions connect = new ConnectOptions();

  private final CompletableFuture<Integer> done = new CompletableFuture<>();
  private List<MqttTopicFilter> silent = List.of();
  private int printed;
  private @Nullable Run run;

  @Override
  public Integer call() throws InterruptedException {
    connect.check(false);
    connect.urlTopic().ifPresent(topics::add);
    check();
    silent = filteredOut.stream().map(MqttTopicFilter::of).toList();
    try {
      var started = new Run(connect, true, this::onMessage);
      run = started;
      return started.execute(link -> work(link, started));
    } catch (ClientFailure failure) {
      System.err.println("Error: " + failure.getMessage());
      return failure.exitCode();
    }
  }

  private void check() {
    if (topics.isEmpty() && unsubscribed.isEmpty()) {
      throw connect.wrong("Say what to subscribe to: add -t.");
    }
    for (var filters : List.of(topics, filteredOut, unsubscribed)) {
      filters.forEach(f -> Topics.checkFilter(f, connect));
    }
    Topics.checkQos(qos, connect);
    if ((count != null && count < 1) || timeout < 0 || percent <= 0 || percent > 100) {
      throw connect.wrong(
          "-C is 1 or more, -W is 0 or more, --random-filter is above 0 and at most 100.");
    }
    if (noRetained && retainedOnly) {
      throw connect.wrong("-R and --retained-only together leave nothing to print.");
    }
    if (retainAsPublished && !connect.v5()) {
      throw connect.wrong("--retain-as-published needs MQTT 5: use -V 5.");
    }
    print.check(connect);
  }

  private int work(Link link, Run started) throws InterruptedException {
    if (!topics.isEmpty()) {
      var codes = started.await(link.subscribe(topics, qos, retainAsPublished));
      for (int i = 0; i < codes.size(); i++) {
        if (codes.get(i) >= 128) {
          started.complain(
              "Warning: The server refused the subscription to '"
                  + topics.get(i)
                  + "' ("
                  + codes.get(i)
                  + ").");
        }
      }
      if (codes.stream().allMatch(code -> code >= 128)) {
        throw ClientFailure.general("All subscriptions were refused.");
      }
    }
    if (!unsubscribed.isEmpty()) {
      started.await(link.unsubscribe(unsubscribed));
    }
    return endOnceSubscribed ? 0 : started.await(done, timeout);
  }

  private void onMessage(Message message) {
    var current = run;
    if (done.isDone() || current == null) {
      return;
    }
    if (retainedOnly && !message.retain()) {
      done.complete(0);
      return;
    }
    var topic = MqttTopic.of(message.topic());
    if (silent.stream().anyMatch(filter -> filter.matches(topic))) {
      return;
    }
    if (removeRetained && message.retain()) {
      clear(message, current);
    }
    if ((noRetained && message.retain())
        || (percent < 100 && ThreadLocalRandom.current().nextDouble(100) >= percent)) {
      return;
    }
    if (!print.print(
        message, Clock.system(ZoneId.systemDefault()), System.out, current::complain)) {
      done.completeExceptionally(ClientFailure.general("Standard output is closed."));
    }
    printed++;
    if (count != null && printed >= count) {
      done.complete(0);
    }
  }

  private static void clear(Message retained, Run current) {
    var _ =
        current
            .link()
            .publish(Message.of(retained.topic(), new byte[0], 1, true))
            .whenComplete(
                (_, error) -> {
                  if (error != null) {
                    current.complain(
                        "Warning: The retained message of '"
                            + retained.topic()
                            + "' was not cleared: "
                            + error.getMessage());
                  }
                });
  }
}
