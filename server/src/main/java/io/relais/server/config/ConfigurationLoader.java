package io.relais.server.config;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Puts a configuration together: defaults, over them what the API changed, then the file, over it
/// the environment, over it `--listen` and `--set`.
public final class ConfigurationLoader {
  private static final long FILE_BYTES_MAX = 1 << 20;

  private ConfigurationLoader() {}

  /// What to read. `listen` and `set` are as the options of `relais start` give them.
  public record Sources(
      @Nullable Path file, Map<String, String> environment, List<String> listen, List<String> set) {
    public Sources {
      environment = Map.copyOf(environment);
      listen = List.copyOf(listen);
      set = List.copyOf(set);
    }

    public static Sources none() {
      return new Sources(null, Map.of(), List.of(), List.of());
    }
  }

  /// Reads all sources.
  ///
  /// @throws InvalidConfiguration with everything that is wrong
  public static Loaded load(Sources sources) {
    return load(sources, Stored.NONE);
  }

  /// Reads all sources, with what the API changed below the file.
  ///
  /// @throws InvalidConfiguration with everything that is wrong
  public static Loaded load(Sources sources, Stored stored) {
    Schema.Section schema = Schema.of(Configuration.class);
    List<Problem> problems = new ArrayList<>();
    List<String> warnings = new ArrayList<>();
    Value.Table table = defaultListeners();
    Overlay overlay = new Overlay(schema, table, problems);
    overlay.stored(stored, warnings);
    if (sources.file() != null) {
      overlay.merge(read(sources.file(), problems));
    }
    overlay.environment(sources.environment(), warnings);
    if (!sources.listen().isEmpty()) {
      overlay.listen(sources.listen());
    }
    sources.set().forEach(overlay::set);

    List<Setting> settings = new ArrayList<>();
    Object configuration = new Binder(schema, problems).bind(table, settings);
    if (configuration == null || !problems.isEmpty()) {
      problems.sort(Comparator.comparing(Problem::origin, ConfigurationLoader::compare));
      throw new InvalidConfiguration(problems);
    }
    return new Loaded((Configuration) configuration, settings, warnings, sources);
  }

  private static Value.Table read(Path file, List<Problem> problems) {
    Origin origin = new Origin.Option(file.toString());
    try {
      if (Files.size(file) > FILE_BYTES_MAX) {
        problems.add(new Problem(origin, "is larger than 1 MiB and surely no configuration"));
      } else {
        return YamlReader.read(file.toString(), Files.readString(file), problems);
      }
    } catch (NoSuchFileException missing) {
      problems.add(new Problem(origin, "no such file"));
    } catch (CharacterCodingException notText) {
      problems.add(new Problem(origin, "is not UTF-8 text"));
    } catch (IOException unreadable) {
      problems.add(new Problem(origin, "cannot be read: " + unreadable));
    }
    return Value.Table.empty(origin);
  }

  private static Value.Table defaultListeners() {
    Origin standard = new Origin.Standard();
    List<Value> listeners = new ArrayList<>();
    listeners.add(listener("127.0.0.1:1883", "tcp"));
    listeners.add(listener("127.0.0.1:8083", "websocket"));
    Value.Table table = Value.Table.empty(standard);
    table
        .entries()
        .put("listeners", new Value.Named(standard, new Value.Items(listeners, standard)));
    return table;
  }

  private static Value.Table listener(String bind, String transport) {
    Origin standard = new Origin.Standard();
    Value.Table listener = Value.Table.empty(standard);
    listener.entries().put("bind", new Value.Named(standard, new Value.Text(bind, standard)));
    listener
        .entries()
        .put("transport", new Value.Named(standard, new Value.Text(transport, standard)));
    return listener;
  }

  /// Problems of the file first, in its order; all others stay as they were found.
  private static int compare(Origin one, Origin other) {
    if (one instanceof Origin.InFile a && other instanceof Origin.InFile b) {
      int byLine = Integer.compare(a.line(), b.line());
      return byLine == 0 ? Integer.compare(a.column(), b.column()) : byLine;
    }
    return Boolean.compare(other instanceof Origin.InFile, one instanceof Origin.InFile);
  }
}
