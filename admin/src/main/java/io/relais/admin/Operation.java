package io.relais.admin;

import io.relais.api.Role;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// One call of the API: what is served, and what the OpenAPI document says of it.
///
/// @param role that the caller needs; null: anybody
/// @param looks whether it changes nothing
/// @param body what the request brings; null: nothing
/// @param result what the answer brings
/// @param status of the answer
record Operation(
    String method,
    PathTemplate path,
    String summary,
    @Nullable Role role,
    boolean looks,
    List<Query> queries,
    @Nullable Body body,
    Result result,
    int status,
    Handler handler) {

  /// Which part of a path comes behind `/api/v1`.
  private static final int AREA = 2;

  /// What a request holds.
  sealed interface Body {
    record Json(Class<?> type) implements Body {}

    /// Read by the handler itself.
    ///
    /// @param json what it is, if it is JSON
    record Text(Class<?> json, List<String> contentTypes) implements Body {
      public Text {
        contentTypes = List.copyOf(contentTypes);
      }
    }
  }

  /// @param description for the OpenAPI document
  record Query(String name, Class<?> type, String description) {}

  /// What an answer holds.
  sealed interface Result {
    record Nothing() implements Result {}

    record One(Class<?> type) implements Result {}

    /// A page.
    record Many(Class<?> type) implements Result {}

    /// A JSON array.
    record Array(Class<?> type) implements Result {}

    /// Written by the handler itself.
    record Other(String contentType) implements Result {}
  }

  /// On a virtual thread, so it may wait.
  interface Handler {
    /// @return what becomes JSON; null: nothing
    @Nullable Object handle(Call call) throws Exception;
  }

  /// What a key must have that is bounded to some of the API: the area, which is the first part of
  /// the path, and whether the call looks or does.
  String scope() {
    return path.segments().get(AREA) + (looks ? ":read" : ":write");
  }

  Set<String> queryNames() {
    List<String> names = new ArrayList<>();
    queries.forEach(query -> names.add(query.name()));
    return Set.copyOf(names);
  }
}
