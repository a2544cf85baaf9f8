package io.relais.cli;

import io.relais.server.Relais;
import io.relais.server.config.ListenerConfiguration;
import io.relais.server.config.Loaded;
import io.relais.server.config.Transport;
import io.relais.server.log.StderrLog;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/// `relais start`: runs a node in the foreground until a signal ends it.
///
/// Owner: the main thread starts the node and waits; the JVM's shutdown thread closes it.
@Command(
    name = "start",
    mixinStandardHelpOptions = true,
    description = "Runs a node in the foreground; SIGTERM or Ctrl-C ends it cleanly.")
final class StartCommand implements Callable<Integer> {
  @Spec CommandSpec spec = CommandSpec.create();

  @Mixin ConfigurationOptions options = new ConfigurationOptions();

  @Override
  public Integer call() throws IOException, InterruptedException {
    Loaded loaded = options.load();
    StderrLog.setLevel(loaded.configuration().log().level());
    Logger log = LoggerFactory.getLogger("io.relais.Start");
    loaded.warnings().forEach(log::warn);

    CountDownLatch broken = new CountDownLatch(1);
    AtomicInteger exitCode = new AtomicInteger();
    Relais node =
        Relais.start(
            loaded.configuration(),
            Relais.Extensions.NONE,
            Version.ofRelais(),
            cause -> {
              log.error("The state cannot be kept any more; the node ends", cause);
              exitCode.set(Failures.FAILED);
              broken.countDown();
            });
    Runtime.getRuntime().addShutdownHook(new Thread(() -> end(node, exitCode.get()), "relais-end"));

    PrintWriter out = spec.commandLine().getOut();
    out.println(readyMessage(node.serving()));
    out.flush();
    broken.await();
    return exitCode.get();
  }

  /// Ends the JVM itself: after a signal its own exit code would be 128 and the signal's number,
  /// and a clean end is 0.
  private static void end(Relais node, int exitCode) {
    try {
      node.close();
    } finally {
      Runtime.getRuntime().halt(exitCode);
    }
  }

  /// One line, whose beginning others wait for.
  static String readyMessage(List<Relais.Serving> serving) {
    String where = serving.stream().map(StartCommand::url).collect(Collectors.joining(", "));
    List<Relais.Serving> local = serving.stream().filter(one -> one.listener().isLocal()).toList();
    if (local.isEmpty()) {
      return "Relais is ready on " + where;
    }
    return "Relais is ready on %s (%s loopback: not reachable from other machines)"
        .formatted(
            where,
            local.size() == serving.size()
                ? "all of it"
                : local.stream().map(StartCommand::url).collect(Collectors.joining(", "))
                    + (local.size() == 1 ? " is" : " are"));
  }

  private static String url(Relais.Serving serving) {
    ListenerConfiguration listener = serving.listener();
    String transport = listener.transport().name().toLowerCase(Locale.ROOT).replace('_', '-');
    if (listener.transport() == Transport.UNIX
        || !(serving.address() instanceof InetSocketAddress address)) {
      return transport + "://" + listener.bind();
    }
    // The host as it was written, the port as it became.
    String host = listener.hostPort().host();
    return "%s://%s:%d%s"
        .formatted(
            transport,
            host.indexOf(':') < 0 ? host : "[" + host + "]",
            address.getPort(),
            listener.path());
  }
}
