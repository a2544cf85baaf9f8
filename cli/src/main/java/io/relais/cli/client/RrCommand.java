package io.relais.cli.client;

import io.relais.cli.client.PropertyArguments.Packet;
import java.time.Clock;
import java.time.ZoneId;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `relais rr`: publishes a request, prints the response and ends.
///
/// Owner: the main thread; the response is printed on the event loop.
@Command(
    name = "rr",
    description = "Publishes a request and waits for its response.",
    exitCodeOnInvalidInput = 1,
    sortOptions = false)
public final class RrCommand implements Callable<Integer> {
  @Option(
      names = {"-t", "--topic"},
      paramLabel = "TOPIC",
      parameterConsumer = NextArgument.class,
      description = "Topic of the request.")
  @Nullable String topic;

  @Option(
      names = {"-e", "--response-topic"},
      paramLabel = "TOPIC",
      parameterConsumer = NextArgument.class,
      description = "Topic on which the response is awaited.")
  @Nullable String responseTopic;

  @Mixin PayloadOptions payload = new PayloadOptions();

  @Option(
      names = {"-q", "--qos"},
      paramLabel = "QOS",
      description = "QoS (default: ${DEFAULT-VALUE}).")
  int qos;

  @Option(
      names = {"-r", "--retain"},
      description = "The server retains the request.")
  boolean retain;

  @Option(names = "-R", description = "A retained message is no response.")
  boolean noRetained;

  @Option(
      names = "-W",
      paramLabel = "SECONDS",
      description = "Wait so many seconds for the response, then end with exit code 27.")
  int timeout;

  @Mixin PrintOptions print = new PrintOptions();

  @Mixin ConnectOptions connect = new ConnectOptions();

  private final CompletableFuture<Message> response = new CompletableFuture<>();

  @Override
  public Integer call() throws InterruptedException {
    connect.check(true);
    var to = topic == null ? connect.urlTopic().orElse(null) : topic;
    var answerTo = responseTopic;
    if (to == null || answerTo == null || payload.count() != 1) {
      throw connect.wrong(
          "A request needs its topic (-t), a topic for the response (-e) and one of -m, -f, -n, -s.");
    }
    Topics.checkName(to, connect);
    Topics.checkName(answerTo, connect);
    Topics.checkQos(qos, connect);
    print.check(connect);
    try {
      var properties = connect.properties().message(Packet.PUBLISH).withResponseTopic(answerTo);
      var request = new Message(to, payload.read(), qos, retain, properties);
      var run = new Run(connect, false, this::onMessage);
      return run.execute(
          link -> {
            var codes = run.await(link.subscribe(List.of(answerTo), qos, false));
            if (codes.getFirst() >= 128) {
              throw ClientFailure.general(
                  "The server refused the subscription to '" + answerTo + "'.");
            }
            run.await(link.publish(request));
            var message = run.await(response, timeout);
            print.print(message, Clock.system(ZoneId.systemDefault()), System.out, run::complain);
            return 0;
          });
    } catch (ClientFailure failure) {
      System.err.println("Error: " + failure.getMessage());
      return failure.exitCode();
    }
  }

  private void onMessage(Message message) {
    if (!(noRetained && message.retain())) {
      response.complete(message);
    }
  }
}
