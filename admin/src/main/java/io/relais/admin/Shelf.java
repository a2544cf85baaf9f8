package io.relais.admin;

import io.relais.api.Json;
import io.relais.broker.Administration;
import io.relais.storage.Command;
import io.relais.storage.Outcome;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/// One collection of documents, each a record as JSON.
///
/// Owner: any thread; the state is behind it.
final class Shelf<T> {
  private final Administration broker;
  private final String collection;
  private final Class<T> type;

  Shelf(Administration broker, String collection, Class<T> type) {
    this.broker = broker;
    this.collection = collection;
    this.type = type;
  }

  private NavigableMap<String, String> texts() {
    return broker.documents().all(collection);
  }

  @Nullable T get(String id) {
    String text = broker.documents().get(collection, id);
    return text == null ? null : read(text);
  }

  private T read(String text) {
    return Json.MAPPER.readValue(text, type);
  }

  boolean isEmpty() {
    return texts().isEmpty();
  }

  int size() {
    return texts().size();
  }

  NavigableSet<String> ids() {
    return texts().navigableKeySet();
  }

  /// @return false if there is one already, and nothing was done
  boolean create(String id, T content) {
    return !Answers.found(
        broker.submit(new Command.PutDocument(collection, id, true, write(content))));
  }

  void put(String id, T content) {
    Answers.found(broker.submit(new Command.PutDocument(collection, id, false, write(content))));
  }

  /// Without waiting; what goes wrong nobody learns.
  void putLater(String id, T content) {
    var _ = broker.submit(new Command.PutDocument(collection, id, false, write(content)));
  }

  /// Without waiting.
  void dropLater(String id) {
    var _ = broker.submit(new Command.DropDocument(collection, id));
  }

  /// All at once: together they cost one wait for the disk.
  void putAll(Map<String, T> contents) {
    List<CompletableFuture<Outcome>> answers = new ArrayList<>();
    contents.forEach(
        (id, content) ->
            answers.add(
                broker.submit(new Command.PutDocument(collection, id, false, write(content)))));
    answers.forEach(Answers::found);
  }

  void dropAll(List<String> ids) {
    List<CompletableFuture<Outcome>> answers = new ArrayList<>();
    ids.forEach(id -> answers.add(broker.submit(new Command.DropDocument(collection, id))));
    answers.forEach(Answers::found);
  }

  private static String write(Object content) {
    return Json.MAPPER.writeValueAsString(content);
  }

  /// @return whether there was one
  boolean drop(String id) {
    return Answers.found(broker.submit(new Command.DropDocument(collection, id)));
  }
}
