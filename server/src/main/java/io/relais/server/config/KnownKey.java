package io.relais.server.config;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What can be said of a key without a value.
///
/// @param list the list that it belongs to an entry of, or that it is; null: none
/// @param type as in `docs/configuration.md`
/// @param unit `bytes` or `seconds`, that of plain numbers; null: it has none
/// @param standard the default as it would be written, or in words; null: there is none
public record KnownKey(
    String key,
    @Nullable String list,
    String type,
    @Nullable String unit,
    @Nullable String standard,
    String meaning,
    boolean secret,
    Effect effect) {

  private static final Schema.Section ROOT = Schema.of(Configuration.class);

  /// What must be known before the store is open, where changes are kept.
  private static final Set<String> BEFORE_THE_STORE =
      Set.of("node.id", "data", "store", "limits.store-cache-bytes");

  /// Keys that have a call of their own.
  private static final Map<String, String> OWN_CALLS =
      Map.of(
          "authorization.rules", "PUT /api/v1/authorization/rules",
          "rewrite", "PUT /api/v1/rewrite");

  /// @param key like `limits.queue-messages` or `listeners.0.bind`
  /// @return empty: there is no such key, or it is a section that is never left out
  public static Optional<KnownKey> of(String key) {
    Schema schema = ROOT;
    Schema.Entry entry = null;
    String list = null;
    List<String> plain = new ArrayList<>();
    List<String> walked = new ArrayList<>();
    for (String step : key.split("\\.", -1)) {
      walked.add(step);
      if (schema instanceof Schema.Many many && step.matches("\\d{1,4}")) {
        schema = many.element();
      } else if (schema instanceof Schema.Section section && section.entry(step).isPresent()) {
        entry = section.entry(step).get();
        schema = entry.schema();
        plain.add(step);
      } else {
        return Optional.empty();
      }
      if (schema instanceof Schema.Many && list == null) {
        list = String.join(".", walked);
      }
    }
    if (entry == null || schema instanceof Schema.Section && !entry.optional()) {
      return Optional.empty();
    }
    return Optional.of(described(key, list, entry, schema, String.join(".", plain)));
  }

  private static KnownKey described(
      String key, @Nullable String list, Schema.Entry entry, Schema schema, String plain) {
    String type =
        switch (schema) {
          case Schema.One one -> one.describe();
          case Schema.Many many when many.element() instanceof Schema.One one ->
              "list of " + one.describe();
          case Schema.Many _ -> "list of sections";
          case Schema.Section _ -> "section";
        };
    Key about = entry.key();
    String standard = about.derived().isEmpty() ? about.standard() : about.derived();
    return new KnownKey(
        key,
        list,
        type.replace("`", ""),
        unit(schema),
        standard.isEmpty() && about.derived().isEmpty() && entry.optional() ? null : standard,
        about.value(),
        about.secret(),
        Effect.of(plain));
  }

  private static @Nullable String unit(Schema schema) {
    if (schema instanceof Schema.One one) {
      return one.sized() ? "bytes" : one.describe().equals("duration") ? "seconds" : null;
    }
    return null;
  }

  /// Why the API cannot set a key whoever else does or does not, as the end of a sentence that
  /// begins with the key.
  ///
  /// @return null: it can
  public static @Nullable String problemWithSetting(String key) {
    for (Map.Entry<String, String> own : OWN_CALLS.entrySet()) {
      if (key.equals(own.getKey()) || key.startsWith(own.getKey() + ".")) {
        return "is set by " + own.getValue();
      }
    }
    if (BEFORE_THE_STORE.contains(key)) {
      return "must be known before the store is open, where changes are kept; set it in the file";
    }
    Optional<KnownKey> known = of(key);
    if (known.isPresent()) {
      String list = known.get().list();
      if (list != null && !list.equals(key)) {
        return "belongs to an entry of a list; set " + list + " as a whole";
      }
      if (isSection(key)) {
        return unknown(key);
      }
      return known.get().secret() || hasSecrets(key)
          ? "is a secret, which is not kept in the store; set it in the file or the environment"
          : null;
    }
    return unknown(key);
  }

  /// @param key of no entry of a list
  private static Schema schema(String key) {
    Schema schema = ROOT;
    for (String step : path(key)) {
      schema = ((Schema.Section) schema).entry(step).orElseThrow().schema();
    }
    return schema;
  }

  private static boolean isSection(String key) {
    return schema(key) instanceof Schema.Section;
  }

  private static boolean hasSecrets(String key) {
    return schema(key) instanceof Schema.Many many
        && many.element() instanceof Schema.Section section
        && section.entries().stream().anyMatch(entry -> entry.key().secret());
  }

  private static String unknown(String key) {
    List<String> all = new ArrayList<>();
    collect(ROOT, "", all);
    if (all.stream().anyMatch(one -> one.startsWith(key + "."))) {
      return "is a section; set its keys, like "
          + all.stream().filter(one -> one.startsWith(key + ".")).findFirst().orElse(key);
    }
    return "is not a key"
        + Spelling.nearest(key, all).map(near -> "; did you mean " + near + "?").orElse("");
  }

  private static void collect(Schema.Section section, String prefix, List<String> keys) {
    for (Schema.Entry entry : section.entries()) {
      if (entry.schema() instanceof Schema.Section inner) {
        collect(inner, prefix + entry.name() + ".", keys);
      } else {
        keys.add(prefix + entry.name());
      }
    }
  }

  static List<String> path(String key) {
    return Arrays.asList(key.split("\\.", -1));
  }
}
