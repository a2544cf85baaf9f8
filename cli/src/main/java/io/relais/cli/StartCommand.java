package io.relais.cli;

import io.relais.server.Relais;
import io.relais.server.config.HostPort;
import io.relais.server.config.ListenerConfiguration;
import io.relais.server.config.Loaded;
import io.relais.server.config.Transport;
import io.relais.server.log.StderrLog;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
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
    AtomicReference<Throwable> failure = new AtomicReference<>();
    Relais node =
        Relais.start(
            loaded,
            Relais.Extensions.NONE,
            Version.ofRelais(),
            cause -> {
              failure.set(cause);
              broken.countDown();
            });
    PrintWriter err = spec.commandLine().getErr();
    Runtime.getRuntime()
        .addShutdownHook(new Thread(() -> end(node, failure.get(), err), "relais-end"));

    HangUp.calls(node::reload);

    PrintWriter out = spec.commandLine().getOut();
    out.println(readyMessage(node.serving(), node.api(), node.isApiSecure()));
    out.println("The dashboard, for a browser on this machine: " + dashboard(node));
    out.flush();
    broken.await();
    return Failures.FAILED;
  }

  /// Ends the JVM itself: after a signal its own exit code would be 128 and the signal's number,
  /// and a clean end is 0.
  ///
  /// @param failure why the state cannot be kept any more; null: all is well
  private static void end(Relais node, @Nullable Throwable failure, PrintWriter err) {
    try {
      node.close();
    } finally {
      if (failure != null) {
        err.println(
            "relais: ended, since what it acknowledges would not be kept: " + failure.getMessage());
        err.flush();
      }
      Runtime.getRuntime().halt(failure == null ? 0 : Failures.FAILED);
    }
  }

  private static String dashboard(Relais node) {
    InetAddress at = node.api().getAddress();
    String host = at.isAnyLocalAddress() ? "127.0.0.1" : at.getHostAddress();
    return scheme(node.isApiSecure()) + new HostPort(host, node.api().getPort()) + "/";
  }

  private static String scheme(boolean secure) {
    return secure ? "https://" : "http://";
  }

  /// One line, whose beginning others wait for.
  static String readyMessage(List<Relais.Serving> serving, InetSocketAddress api, boolean secure) {
    List<String> all = new ArrayList<>();
    List<String> local = new ArrayList<>();
    for (Relais.Serving one : serving) {
      all.add(url(one));
      if (one.listener().isLocal()) {
        local.add(url(one));
      }
    }
    String admin = scheme(secure) + new HostPort(api.getAddress().getHostAddress(), api.getPort());
    all.add(admin);
    if (api.getAddress().isLoopbackAddress()) {
      local.add(admin);
    }
    String where = String.join(", ", all);
    if (local.isEmpty()) {
      return "Relais is ready on " + where;
    }
    return "Relais is ready on %s (%s loopback: not reachable from other machines)"
        .formatted(
            where,
            local.size() == all.size()
                ? "all of it"
                : String.join(", ", local) + (local.size() == 1 ? " is" : " are"));
  }

  private static String url(Relais.Serving serving) {
    ListenerConfiguration listener = serving.listener();
    String transport = listener.transport().name().toLowerCase(Locale.ROOT).replace('_', '-');
    if (listener.transport() == Transport.UNIX
        || !(serving.address() instanceof InetSocketAddress address)) {
      return transport + "://" + listener.bind();
    }
    // The host as it was written, the port as it became.
    HostPort reached = new HostPort(listener.hostPort().host(), address.getPort());
    return transport + "://" + reached + listener.path();
  }
}
