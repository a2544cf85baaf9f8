package io.relais.cli.ctl;

import io.relais.api.ApiClient;
import io.relais.api.Json;
import io.relais.api.Session;
import java.io.BufferedReader;
import java.io.Console;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

/// Which node is asked, as whom, and how its answer is printed.
final class ApiOptions {
  @Spec(Spec.Target.MIXEE)
  CommandSpec command = CommandSpec.create();

  @Option(
      names = "--url",
      paramLabel = "URL",
      defaultValue = "${env:RELAIS_URL:-http://127.0.0.1:18083}",
      description = "The node's admin listener; RELAIS_URL. Default: ${DEFAULT-VALUE}.")
  URI url = URI.create("http://127.0.0.1:18083");

  @Option(
      names = {"-u", "--user"},
      paramLabel = "ACCOUNT",
      description =
          "Sign in with this account; the password is RELAIS_PASSWORD, or asked for. Default: admin.")
  @Nullable String user;

  @Option(
      names = "--cafile",
      paramLabel = "FILE",
      description = "Authorities (PEM) that an https node's certificate comes from.")
  @Nullable Path cafile;

  @Option(
      names = "--insecure",
      description = "Do not check that the certificate is for this host. For trials only.")
  boolean insecure;

  @Option(names = "--json", description = "Print the answer of the API as it is.")
  boolean json;

  private @Nullable String password;

  /// What asks in one run of the program.
  interface Work {
    void with(ApiClient api) throws IOException;
  }

  /// With the key of RELAIS_KEY, or a session that ends with the work.
  int run(Work work) throws IOException {
    if (url.getHost() == null || !List.of("http", "https").contains(url.getScheme())) {
      throw new ParameterException(
          command.commandLine(),
          "--url is '" + url + "'; expected http://HOST:PORT or https://HOST:PORT");
    }
    String key = System.getenv("RELAIS_KEY");
    try (var api = client()) {
      if (key != null && user == null) {
        work.with(api.withToken(key));
        return 0;
      }
      Session session = api.signIn(user == null ? "admin" : user, password());
      try {
        if (session.passwordChangeRequired()) {
          command
              .commandLine()
              .getErr()
              .println("relais: set a password first: relais ctl password");
          command.commandLine().getErr().flush();
        }
        work.with(api);
      } catch (IOException | RuntimeException e) {
        signOut(api, e);
        throw e;
      }
      api.call("DELETE", "/api/v1/session", null);
      return 0;
    }
  }

  /// Behind what went wrong, which is what is told.
  private static void signOut(ApiClient api, Exception wrong) {
    try {
      api.call("DELETE", "/api/v1/session", null);
    } catch (IOException | RuntimeException e) {
      wrong.addSuppressed(e);
    }
  }

  /// Prints a stream, until Ctrl-C.
  ///
  /// @throws IOException where the node ends it, with the reason
  void follow(ApiClient api, String path, BiConsumer<String, String> event) throws IOException {
    String[] why = {""};
    api.listen(
        path,
        (kind, data) -> {
          if (kind.equals("end")) {
            why[0] = ": " + Json.MAPPER.readTree(data).path("reason").asString("");
          } else {
            event.accept(kind, data);
          }
        });
    throw new IOException("The node ended the stream" + why[0]);
  }

  private ApiClient client() throws IOException {
    boolean own = cafile != null || insecure;
    if (own && !url.getScheme().equals("https")) {
      throw new ParameterException(
          command.commandLine(), "--cafile and --insecure are for https, and the URL is " + url);
    }
    return new ApiClient(url, own ? Trust.of(cafile, insecure) : null);
  }

  /// Of who signs in; asked for once.
  String password() throws IOException {
    String known = password;
    if (known == null) {
      known = password("Password: ", "RELAIS_PASSWORD");
      password = known;
    }
    return known;
  }

  /// @param variable of the environment that may have it
  static String password(String prompt, String variable) throws IOException {
    String given = System.getenv(variable);
    return given != null ? given : ask(prompt);
  }

  /// On a terminal without echo, else a line of standard input.
  private static String ask(String prompt) throws IOException {
    Optional<Console> terminal = Optional.ofNullable(System.console()).filter(Console::isTerminal);
    if (terminal.isPresent()) {
      char[] typed = terminal.get().readPassword("%s", prompt);
      return typed == null ? "" : new String(typed);
    }
    String line =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8)).readLine();
    return line == null ? "" : line;
  }

  /// Prints the first items of a list as a table of these fields.
  int list(String path, Map<String, ? extends @Nullable Object> query, int most, String... columns)
      throws IOException {
    return run(api -> print(Lists.first(api, path, query, most), columns));
  }

  /// Prints a list as a table of these fields.
  void print(JsonNode list, String... columns) {
    PrintWriter out = command.commandLine().getOut();
    if (json) {
      out.println(list.toPrettyString());
    } else {
      Table.print(out, list, List.of(columns));
    }
    out.flush();
  }

  /// Prints one thing, a line for each field.
  void print(@Nullable JsonNode one) {
    PrintWriter out = command.commandLine().getOut();
    if (one == null) {
      return;
    }
    if (json) {
      out.println(one.toPrettyString());
    } else {
      Table.print(out, one);
    }
    out.flush();
  }

  /// Prints what came of a call: as JSON, or as this sentence.
  void tell(JsonNode one, String sentence) {
    if (json) {
      print(one);
    } else {
      say(sentence);
    }
  }

  /// Prints an explanation, a line for each step.
  void explain(JsonNode explanation) {
    PrintWriter out = command.commandLine().getOut();
    if (json) {
      out.println(explanation.toPrettyString());
    } else {
      Table.print(out, explanation.get("steps"), List.of("step", "outcome", "detail"));
      out.println("=> " + explanation.get("outcome").stringValue());
    }
    out.flush();
  }

  void say(String text) {
    PrintWriter out = command.commandLine().getOut();
    if (!json) {
      out.println(text);
      out.flush();
    }
  }
}
