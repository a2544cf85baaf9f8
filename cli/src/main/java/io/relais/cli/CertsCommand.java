package io.relais.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// `relais certs`: a certificate authority for development, and certificates from it. The
/// authority's key is thrown away, so that nobody can make more of them: run it again for another
/// set.
@Command(
    name = "certs",
    mixinStandardHelpOptions = true,
    description = "Makes certificates for development: an authority, a server, clients.")
final class CertsCommand implements Runnable {
  @Spec CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--dir",
      paramLabel = "DIR",
      description = "Folder for the files (default: ${DEFAULT-VALUE}).")
  Path dir = Path.of("certs");

  @Option(
      names = "--host",
      paramLabel = "NAME",
      description =
          "A name or address of the server, beside localhost, 127.0.0.1 and ::1; repeatable.")
  List<String> hosts = List.of();

  @Option(
      names = "--client",
      paramLabel = "NAME",
      description = "Also a certificate for a client, with this as its common name; repeatable.")
  List<String> clients = List.of();

  @Option(names = "--force", description = "Overwrite existing files.")
  boolean force;

  @Override
  public void run() {
    try {
      for (String client : clients) {
        if (!client.matches("[A-Za-z0-9._@-]{1,64}") || client.startsWith(".")) {
          throw new ParameterException(
              spec.commandLine(),
              "--client %s: a name has 1 to 64 letters, digits, '.', '_', '@' and '-'"
                  .formatted(client));
        }
      }
      Map<String, String> files = make();
      List<String> existing =
          files.keySet().stream().filter(name -> Files.exists(dir.resolve(name))).toList();
      if (!existing.isEmpty() && !force) {
        throw new CommandFailure(
            "%s has %s already; --force overwrites".formatted(dir, String.join(", ", existing)));
      }
      Files.createDirectories(dir);
      for (Map.Entry<String, String> file : files.entrySet()) {
        Path path = dir.resolve(file.getKey());
        if (file.getKey().endsWith(".key")) {
          PrivateFile.replace(path, file.getValue());
        } else {
          Files.writeString(path, file.getValue());
        }
      }
      explain(files.keySet());
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  private Map<String, String> make() {
    DevelopmentAuthority authority = DevelopmentAuthority.create();
    Set<String> names = new LinkedHashSet<>(List.of("localhost", "127.0.0.1", "::1"));
    names.addAll(hosts);
    Map<String, String> files = new LinkedHashMap<>();
    files.put("ca.crt", authority.certificatePem());
    DevelopmentAuthority.Issued server = authority.issueServer(new ArrayList<>(names));
    files.put("server.crt", server.certificatePem());
    files.put("server.key", server.keyPem());
    for (String client : clients) {
      DevelopmentAuthority.Issued issued = authority.issueClient(client);
      files.put("client-" + client + ".crt", issued.certificatePem());
      files.put("client-" + client + ".key", issued.keyPem());
    }
    return files;
  }

  private void explain(Set<String> files) {
    PrintWriter out = spec.commandLine().getOut();
    out.println("Wrote to " + dir + ": " + String.join(", ", files));
    out.println();
    out.println("In relais.yaml:");
    out.println("  listeners:");
    out.println("    - bind: 127.0.0.1:8883");
    out.println("      transport: tls");
    out.println("      tls:");
    out.println("        certificate: " + dir.resolve("server.crt"));
    out.println("        key: " + dir.resolve("server.key"));
    if (!clients.isEmpty()) {
      out.println("        ca: " + dir.resolve("ca.crt"));
      out.println("        client-certificate: required");
    }
    out.println();
    String client =
        clients.isEmpty()
            ? ""
            : " --cert %s --key %s"
                .formatted(
                    dir.resolve("client-" + clients.getFirst() + ".crt"),
                    dir.resolve("client-" + clients.getFirst() + ".key"));
    out.println("To publish:");
    out.println(
        "  mosquitto_pub -h localhost -p 8883 --cafile %s%s -t test -m hello"
            .formatted(dir.resolve("ca.crt"), client));
    out.flush();
  }
}
