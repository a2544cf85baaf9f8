package io.relais.admin;

import io.relais.admin.Operation.Body;
import io.relais.admin.Operation.Handler;
import io.relais.admin.Operation.Query;
import io.relais.admin.Operation.Result;
import io.relais.api.Role;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// All calls of the API, as they are put together at the start.
final class Operations {
  static final Query LIMIT =
      new Query("limit", int.class, "Items of a page: 1 to 1000, default 100");
  static final Query CURSOR =
      new Query("cursor", String.class, "What `next` of the page before was");

  private final List<Operation> all = new ArrayList<>();

  /// What is said of a call before its handler.
  final class Draft {
    private final String method;
    private final String path;
    private final String summary;
    private final @Nullable Role role;
    private final List<Query> queries = new ArrayList<>();
    private @Nullable Body body;
    private boolean looks;
    private Result result = new Result.Nothing();
    private int status;

    private Draft(String method, String path, @Nullable Role role, String summary) {
      this.method = method;
      this.path = path;
      this.role = role;
      this.summary = summary;
      this.status =
          switch (method) {
            case "PUT", "DELETE" -> 204;
            default -> 200;
          };
      this.looks = method.equals("GET");
    }

    Draft query(String name, Class<?> type, String description) {
      queries.add(new Query(name, type, description));
      return this;
    }

    Draft takes(Class<?> type) {
      body = new Body.Json(type);
      return this;
    }

    /// @param json what it may be as well
    Draft takesText(Class<?> json, String... contentTypes) {
      body = new Body.Text(json, List.of(contentTypes));
      return this;
    }

    /// Changes nothing, though it is a POST.
    Draft looks() {
      looks = true;
      return this;
    }

    Draft gives(Class<?> type) {
      result = new Result.One(type);
      return this;
    }

    Draft givesPageOf(Class<?> type) {
      result = new Result.Many(type);
      queries.add(LIMIT);
      queries.add(CURSOR);
      return this;
    }

    Draft givesArrayOf(Class<?> type) {
      result = new Result.Array(type);
      return this;
    }

    Draft givesOther(String contentType) {
      result = new Result.Other(contentType);
      return this;
    }

    /// Makes something: 201.
    Draft creates() {
      status = 201;
      return this;
    }

    void by(Handler handler) {
      all.add(
          new Operation(
              method,
              PathTemplate.of(path),
              summary,
              role,
              looks,
              List.copyOf(queries),
              body,
              result,
              status,
              handler));
    }
  }

  Draft get(String path, Role role, String summary) {
    return new Draft("GET", path, role, summary);
  }

  Draft post(String path, Role role, String summary) {
    return new Draft("POST", path, role, summary);
  }

  Draft patch(String path, Role role, String summary) {
    return new Draft("PATCH", path, role, summary);
  }

  Draft put(String path, Role role, String summary) {
    return new Draft("PUT", path, role, summary);
  }

  Draft delete(String path, Role role, String summary) {
    return new Draft("DELETE", path, role, summary);
  }

  /// For anybody.
  Draft open(String method, String path, String summary) {
    return new Draft(method, path, null, summary);
  }

  List<Operation> all() {
    return all;
  }
}
