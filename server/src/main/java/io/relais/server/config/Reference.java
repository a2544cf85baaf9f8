package io.relais.server.config;

import java.util.List;

/// Writes `docs/configuration.md` from the records.
public final class Reference {
  private Reference() {}

  /// The whole page, as Markdown.
  public static String markdown() {
    StringBuilder page = new StringBuilder();
    page.append(
        """
        # Configuration

        This page is generated: `./relais config reference > docs/configuration.md`.

        A node reads one YAML file (`relais start -c relais.yaml`). Every key has a default, so that no file is needed.
        Each source overrides those before it:

        1. the defaults below;
        2. what was changed by the API (`relais ctl config set`), which is kept in the store;
        3. the file;
        4. the environment: `RELAIS_` and the key in capitals, with `_` for `.` and `-`, like
           `RELAIS_LIMITS_PAYLOAD_BYTES=2MiB`;
        5. `--listen [TRANSPORT://]HOST:PORT[/PATH]` (repeatable), which replaces the whole list of listeners;
        6. `--set limits.payload-bytes=2MiB` (repeatable).

        Entries of lists are named by their index from 0: `--set listeners.0.bind=127.0.0.1:2883`. Sizes are bytes or have a
        unit (`256KiB`, `1MiB`, `2GiB`), durations are seconds or have one (`500ms`, `10s`, `5m`, `2h`, `30d`). Lists of values
        are YAML lists or `a, b`. Relative paths start at the working directory. Unknown keys, wrong types and contradictions
        are all reported at once, and nothing starts. `relais config check` looks for them, `relais config show` prints what is
        in effect and why.

        *Changes* says when a changed value holds in a running node: `now`; for clients that `connect` from then on; after the
        `listener` has begun anew, which disconnects its clients and no others; or after a `restart`.

        Heap and direct memory are options of the JVM: 1 GiB and 512 MiB, unless `RELAIS_JVM_OPTIONS` says otherwise, like
        `RELAIS_JVM_OPTIONS="-Xmx4g -XX:MaxDirectMemorySize=2g"`.

        ## Keys

        """);
    Schema.Section root = Schema.of(Configuration.class);
    table(
        root.entries().stream().filter(entry -> entry.schema() instanceof Schema.One).toList(),
        "",
        page);
    for (Schema.Entry entry : root.entries()) {
      section(entry, entry.name(), page);
    }
    return page.toString();
  }

  private static void section(Schema.Entry entry, String name, StringBuilder page) {
    Schema.Section section;
    String prefix;
    switch (entry.schema()) {
      case Schema.Section inner -> {
        section = inner;
        prefix = name;
      }
      case Schema.Many many when many.element() instanceof Schema.Section inner -> {
        section = inner;
        prefix = name + "[]";
      }
      case Schema.Many _, Schema.One _ -> {
        return;
      }
    }
    page.append("\n## `").append(prefix).append("`\n\n").append(entry.key().value()).append("\n\n");
    table(section.entries(), prefix + ".", page);
    section.entries().forEach(inner -> section(inner, prefix + "." + inner.name(), page));
  }

  private static void table(List<Schema.Entry> entries, String prefix, StringBuilder page) {
    page.append("| key | type | default | changes | meaning |\n|---|---|---|---|---|\n");
    for (Schema.Entry entry : entries) {
      String type =
          switch (entry.schema()) {
            case Schema.One one -> one.describe();
            case Schema.Many many when many.element() instanceof Schema.One one ->
                "list of " + one.describe();
            case Schema.Section _, Schema.Many _ -> "see below";
          };
      page.append(
          "| `%s%s` | %s | %s | %s | %s |\n"
              .formatted(
                  prefix,
                  entry.name(),
                  type,
                  standard(entry),
                  effect(entry, (prefix + entry.name()).replace("[]", "")),
                  entry.key().value()));
    }
  }

  private static String effect(Schema.Entry entry, String key) {
    return switch (entry.schema()) {
      case Schema.One _ -> Effect.of(key).word();
      case Schema.Many many when many.element() instanceof Schema.One -> Effect.of(key).word();
      case Schema.Section _, Schema.Many _ -> "";
    };
  }

  private static String standard(Schema.Entry entry) {
    if (!entry.key().derived().isEmpty()) {
      return entry.key().derived();
    }
    if (!entry.key().standard().isEmpty()) {
      return "`" + entry.key().standard() + "`";
    }
    return entry.mandatory() ? "must be given" : "none";
  }
}
