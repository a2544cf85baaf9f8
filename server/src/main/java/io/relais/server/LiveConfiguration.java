package io.relais.server;

import io.relais.admin.Authorization;
import io.relais.admin.Rewriting;
import io.relais.admin.RunningConfiguration;
import io.relais.api.ConfigurationChange;
import io.relais.api.ConfigurationKey;
import io.relais.api.Problem.FieldError;
import io.relais.broker.Broker;
import io.relais.server.config.Configuration;
import io.relais.server.config.ConfigurationLoader;
import io.relais.server.config.Effect;
import io.relais.server.config.InvalidConfiguration;
import io.relais.server.config.KnownKey;
import io.relais.server.config.Loaded;
import io.relais.server.config.Origin;
import io.relais.server.config.Problem;
import io.relais.server.config.Setting;
import io.relais.server.config.Stored;
import io.relais.server.log.StderrLog;
import io.relais.storage.Command;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;

/// The configuration that a node runs by, and the way from one to the next without a restart.
///
/// Owner: guarded by itself. What is in effect is `wanted`, but for keys that need a restart, which
/// stay as they were at the `start`.
final class LiveConfiguration implements RunningConfiguration {
  private static final Logger LOG = LoggerFactory.getLogger(LiveConfiguration.class);
  private static final String RULES = "authorization.rules";
  private static final String REWRITE = "rewrite";
  private static final String NONE = "(none)";

  private final Loaded start;
  private final boolean onDisk;
  private final Broker broker;
  private final Listeners listeners;
  private final AuthenticationSources sources;
  private final Authorization authorization;
  private final Rewriting rewriting;
  private Loaded wanted;
  private Stored stored;

  /// @param stored what the API had set when `start` was loaded
  LiveConfiguration(
      Loaded start,
      Stored stored,
      boolean onDisk,
      Broker broker,
      Listeners listeners,
      AuthenticationSources sources,
      Authorization authorization,
      Rewriting rewriting) {
    this.start = start;
    this.wanted = start;
    this.stored = stored;
    this.onDisk = onDisk;
    this.broker = broker;
    this.listeners = listeners;
    this.sources = sources;
    this.authorization = authorization;
    this.rewriting = rewriting;
  }

  // ---- what is in effect

  /// What is wanted now, keys that need a restart included.
  synchronized Configuration configuration() {
    return wanted.configuration();
  }

  @Override
  public synchronized List<ConfigurationKey> keys() {
    Map<String, Setting> before = byKey(start);
    Map<String, Setting> now = byKey(wanted);
    Set<String> names = new LinkedHashSet<>(now.keySet());
    names.addAll(before.keySet());
    List<ConfigurationKey> keys = new ArrayList<>();
    for (String name : names) {
      KnownKey known = known(name);
      Setting next = now.get(name);
      boolean waits = known.effect() == Effect.RESTART;
      Setting shown = waits ? before.get(name) : next;
      if (shown == null && next == null) {
        continue; // it was an entry of a list that is shorter now
      }
      keys.add(told(known, shown, waits ? next : shown));
    }
    return keys;
  }

  private ConfigurationKey told(KnownKey known, @Nullable Setting shown, @Nullable Setting next) {
    Setting from = next == null ? Objects.requireNonNull(shown) : next;
    String problem = problemWithSetting(known.key());
    String elsewhere = problem == null ? setElsewhere(known.key()) : null;
    if (elsewhere != null) {
      problem = "is set in " + elsewhere + ", which decides";
    }
    String value = value(shown);
    String after = value(next);
    Origin origin = from.origin();
    Origin.InFile place = origin instanceof Origin.InFile inFile ? inFile : null;
    return new ConfigurationKey(
        known.key(),
        value,
        Objects.equals(value, after) ? null : Objects.requireNonNullElse(after, NONE),
        switch (origin) {
          case Origin.Standard _ -> "default";
          case Origin.InFile _ -> "file";
          case Origin.Api _ -> "api";
          case Origin.Environment _ -> "environment";
          case Origin.Option _ -> "option";
        },
        where(origin),
        place == null ? null : place.file(),
        place == null ? null : (Integer) place.line(),
        known.list(),
        known.type(),
        known.unit(),
        known.standard(),
        known.effect().word(),
        problem == null,
        problem,
        known.secret(),
        known.meaning());
  }

  private static @Nullable String where(Origin origin) {
    return switch (origin) {
      case Origin.Standard _ -> null;
      case Origin.Environment environment -> environment.name();
      case Origin.InFile _, Origin.Api _, Origin.Option _ -> origin.toString();
    };
  }

  private static @Nullable String value(@Nullable Setting setting) {
    return setting == null || setting.value().equals(NONE) ? null : setting.value();
  }

  private static KnownKey known(String key) {
    return KnownKey.of(key)
        .orElseThrow(() -> new IllegalStateException("A setting is no key: " + key));
  }

  private static Map<String, Setting> byKey(Loaded loaded) {
    Map<String, Setting> byKey = new LinkedHashMap<>();
    loaded.settings().forEach(setting -> byKey.put(setting.key(), setting));
    return byKey;
  }

  @Override
  public @Nullable String problemWithSetting(String key) {
    return KnownKey.problemWithSetting(key);
  }

  @Override
  public synchronized @Nullable String setElsewhere(String key) {
    return origin(wanted, key)
        .filter(origin -> !(origin instanceof Origin.Api))
        .map(Origin::toString)
        .orElse(null);
  }

  /// Where a key, or one below it, was set; empty: nowhere.
  private static Optional<Origin> origin(Loaded loaded, String key) {
    return loaded.settings().stream()
        .filter(one -> one.key().equals(key) || one.key().startsWith(key + "."))
        .map(Setting::origin)
        .filter(origin -> !(origin instanceof Origin.Standard))
        .findFirst();
  }

  /// Where the file or whoever comes above it has rules; null: nowhere, so that the API may set
  /// them.
  static @Nullable String rulesOrigin(Loaded loaded) {
    return origin(loaded, RULES).map(Origin::toString).orElse(null);
  }

  /// The same for the rules by which topics are rewritten.
  static @Nullable String rewriteOrigin(Loaded loaded) {
    return origin(loaded, REWRITE).map(Origin::toString).orElse(null);
  }

  // ---- changes

  @Override
  public synchronized Plan plan(long revision, Map<String, JsonNode> values) throws Unfit {
    return plan(new Stored(revision, values));
  }

  @Override
  public synchronized Plan reload() throws Unfit {
    return plan(stored);
  }

  private Plan plan(Stored next) throws Unfit {
    Loaded loaded;
    try {
      loaded = ConfigurationLoader.load(start.sources(), next);
    } catch (InvalidConfiguration e) {
      throw new Unfit(e.problems().stream().map(LiveConfiguration::error).toList());
    }
    Loaded base = wanted;
    List<ConfigurationChange> changes = changes(base, loaded);
    return new Plan() {
      @Override
      public List<ConfigurationChange> changes() {
        return changes;
      }

      @Override
      public void apply() throws IOException {
        change(base, loaded, next);
      }
    };
  }

  private static FieldError error(Problem problem) {
    if (problem.origin() instanceof Origin.Api api) {
      String message = problem.message();
      String beginning = api.key() + " ";
      return new FieldError(
          api.key(),
          message.startsWith(beginning) ? message.substring(beginning.length()) : message);
    }
    return new FieldError(problem.origin().toString(), problem.message());
  }

  private static List<ConfigurationChange> changes(Loaded from, Loaded to) {
    Map<String, Setting> before = byKey(from);
    Map<String, Setting> after = byKey(to);
    Set<String> names = new LinkedHashSet<>(after.keySet());
    names.addAll(before.keySet());
    List<ConfigurationChange> changes = new ArrayList<>();
    for (String name : names) {
      String was = value(before.get(name));
      String becomes = value(after.get(name));
      if (!Objects.equals(was, becomes)) {
        changes.add(new ConfigurationChange(name, was, becomes, known(name).effect().word()));
      }
    }
    return List.copyOf(changes);
  }

  private synchronized void change(Loaded base, Loaded next, Stored nextStored) throws IOException {
    if (wanted != base) {
      throw new IOException("the configuration was changed by somebody else meanwhile; try again");
    }
    Configuration from = base.configuration();
    Configuration to = next.configuration();
    AuthenticationSources.Prepared prepared =
        sources.prepare(from.authentication(), to.authentication());
    try {
      listeners.follow(to, start.configuration());
    } catch (IOException | RuntimeException e) {
      prepared.discard();
      throw e;
    }
    // From here on nothing can fail.
    prepared.use();
    broker.change(Relais.brokerSettings(to));
    if (!Relais.storeLimits(from.limits(), onDisk)
        .equals(Relais.storeLimits(to.limits(), onDisk))) {
      var _ =
          broker
              .administration()
              .submit(new Command.SetLimits(Relais.storeLimits(to.limits(), onDisk)));
    }
    authorization.change(Relais.rules(to), rulesOrigin(next));
    rewriting.change(Relais.rewrites(to), rewriteOrigin(next));
    if (!from.metrics().slowSubscribers().equals(to.metrics().slowSubscribers())) {
      broker.administration().insight().watch(Watched.slow(to));
    }
    if (from.log().level() != to.log().level()) {
      StderrLog.setLevel(to.log().level());
    }
    wanted = next;
    stored = nextStored;
    next.warnings().stream()
        .filter(warning -> !base.warnings().contains(warning))
        .forEach(LOG::warn);
    tell(changes(base, next));
  }

  /// A line for each key, and one for each list.
  private static void tell(List<ConfigurationChange> changes) {
    Set<String> lists = new LinkedHashSet<>();
    for (ConfigurationChange change : changes) {
      String list = known(change.key()).list();
      if (list != null) {
        lists.add(list);
        continue;
      }
      LOG.info(
          "Configuration: {} becomes {}, from {}{}",
          change.key(),
          Objects.requireNonNullElse(change.after(), "nothing"),
          Objects.requireNonNullElse(change.before(), "nothing"),
          change.effect().equals(Effect.RESTART.word()) ? "; this needs a restart" : "");
    }
    lists.forEach(list -> LOG.info("Configuration: {} changed", list));
  }
}
