package io.relais.systemtests.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.relais.cli.bench.BenchCommand;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// One run of `relais bench`: its exit code and its report.
record Benched(int code, JsonNode report) {
  static Benched run(InetSocketAddress server, String... arguments) {
    List<String> all =
        new ArrayList<>(List.of("-h", "127.0.0.1", "-p", "" + server.getPort(), "--json", "-"));
    List<String> given = List.of(arguments);
    all.addAll(given.contains("--warm-up") ? List.of() : List.of("--warm-up", "0"));
    all.addAll(given);
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int code =
        new CommandLine(new BenchCommand())
            .setOut(new PrintWriter(out))
            .setErr(new PrintWriter(err))
            .execute(all.toArray(String[]::new));
    assertThat(err.toString()).isEmpty();
    return new Benched(code, JsonMapper.builder().build().readTree(out.toString()));
  }

  Benched endsWith(int wanted) {
    assertThat(code).as("exit code of %s", report).isEqualTo(wanted);
    return this;
  }

  Benched has(String name, long wanted) {
    assertThat(field(name).longValue()).as("%s of %s", name, report).isEqualTo(wanted);
    return this;
  }

  JsonNode field(String name) {
    return Objects.requireNonNull(report.get(name), () -> name + " is not in " + report);
  }

  /// Everything that may go wrong did not.
  Benched isClean() {
    for (String name :
        List.of(
            "lost",
            "duplicates",
            "reordered",
            "foreign",
            "refused",
            "unacknowledged",
            "connectionsFailed",
            "connectionsLost",
            "connectionsLeftOpen",
            "subscriptionsFailed")) {
      has(name, 0);
    }
    assertThat(field("errors")).as("errors of %s", report).isEmpty();
    return endsWith(0);
  }
}
