package io.relais.admin;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.relais.admin.Operation.Result;
import io.relais.api.Json;
import io.relais.api.Problem;
import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// The OpenAPI 3.1 document, made of the operations and the records that they take and give.
final class OpenApi {
  private static final Pattern VALUE = Pattern.compile("\\{(\\w+)}");
  private static final String JSON = "application/json";

  private final Map<String, Class<?>> schemas = new TreeMap<>();
  private final ArrayDeque<Class<?>> open = new ArrayDeque<>();

  /// The document in JSON. It is made when somebody first asks for it: that takes as long as a
  /// tenth of a start.
  static final class Document {
    private final Operations operations;
    private final String version;
    private volatile byte @Nullable [] json;

    Document(Operations operations, String version) {
      this.operations = operations;
      this.version = version;
    }

    byte[] json() {
      byte[] made = json;
      if (made == null) {
        made = Json.MAPPER.writeValueAsBytes(of(operations.all(), version));
        json = made;
      }
      return made;
    }
  }

  private OpenApi() {}

  static ObjectNode of(List<Operation> operations, String version) {
    return new OpenApi().document(operations, version);
  }

  private ObjectNode document(List<Operation> operations, String version) {
    ObjectNode root = Json.MAPPER.createObjectNode();
    root.put("openapi", "3.1.0");
    root.putObject("info")
        .put("title", "Relais")
        .put("version", version)
        .put("description", "Everything that an operator may see and do.")
        .putObject("license")
        .put("name", "Apache-2.0")
        .put("identifier", "Apache-2.0");
    ObjectNode paths = root.putObject("paths");
    for (Operation operation : operations) {
      ObjectNode path =
          paths.has(operation.path().text())
              ? (ObjectNode) paths.get(operation.path().text())
              : paths.putObject(operation.path().text());
      describe(operation, path.putObject(operation.method().toLowerCase(Locale.ROOT)));
    }
    ObjectNode components = root.putObject("components");
    ObjectNode all = components.putObject("schemas");
    schema(Problem.class);
    while (!open.isEmpty()) {
      Class<?> next = open.remove();
      all.set(name(next), describe(next));
    }
    components
        .putObject("securitySchemes")
        .putObject("bearer")
        .put("type", "http")
        .put("scheme", "bearer")
        .put("description", "A session's token or an API key");
    return root;
  }

  private void describe(Operation operation, ObjectNode to) {
    to.put("operationId", id(operation));
    to.put("summary", operation.summary());
    if (operation.role() == null) {
      to.putArray("security");
    } else {
      to.put(
          "description",
          "Needs the role %s; a key that is bounded needs the scope %s."
              .formatted(Front.label(operation.role()), operation.scope()));
      to.putArray("security").addObject().putArray("bearer").add(operation.scope());
    }
    ArrayNode parameters = to.putArray("parameters");
    Matcher values = VALUE.matcher(operation.path().text());
    while (values.find()) {
      ObjectNode one = parameters.addObject();
      one.put("name", values.group(1)).put("in", "path").put("required", true);
      one.putObject("schema").put("type", "string");
    }
    for (Operation.Query query : operation.queries()) {
      ObjectNode one = parameters.addObject();
      one.put("name", query.name()).put("in", "query").put("description", query.description());
      one.set("schema", schema(query.type()));
    }
    if (operation.body() != null) {
      ObjectNode content = to.putObject("requestBody").put("required", true).putObject("content");
      switch (operation.body()) {
        case Operation.Body.Json(Class<?> type) ->
            content.putObject(JSON).set("schema", schema(type));
        case Operation.Body.Text(Class<?> json, List<String> types) -> {
          content.putObject(JSON).set("schema", schema(json));
          types.forEach(type -> content.putObject(type).putObject("schema").put("type", "string"));
        }
      }
    }
    ObjectNode responses = to.putObject("responses");
    ObjectNode good = responses.putObject(Integer.toString(operation.status()));
    good.put("description", operation.summary());
    content(operation.result(), good);
    responses
        .putObject("default")
        .put("description", "What went wrong")
        .putObject("content")
        .putObject("application/problem+json")
        .set("schema", schema(Problem.class));
  }

  private static String id(Operation operation) {
    var id = new StringBuilder(operation.method().toLowerCase(Locale.ROOT));
    String rest = operation.path().text().replace("/api/v1/", "");
    for (String part : rest.split("[/{}.]+", -1)) {
      if (!part.isEmpty()) {
        id.append(Character.toUpperCase(part.charAt(0))).append(part.substring(1));
      }
    }
    return id.toString();
  }

  private void content(Result result, ObjectNode to) {
    switch (result) {
      case Result.Nothing() -> {}
      case Result.One(Class<?> type) ->
          to.putObject("content").putObject(JSON).set("schema", schema(type));
      case Result.Array(Class<?> type) -> {
        ObjectNode schema = to.putObject("content").putObject(JSON).putObject("schema");
        schema.put("type", "array").set("items", schema(type));
      }
      case Result.Many(Class<?> type) -> {
        ObjectNode schema = to.putObject("content").putObject(JSON).putObject("schema");
        schema.put("type", "object");
        ObjectNode properties = schema.putObject("properties");
        properties.putObject("items").put("type", "array").set("items", schema(type));
        properties.putObject("next").putArray("type").add("string").add("null");
        schema.putArray("required").add("items").add("next");
      }
      case Result.Other(String type) ->
          to.putObject("content").putObject(type).putObject("schema").put("type", "string");
    }
  }

  // ---- schemas

  private static String name(Class<?> type) {
    Class<?> outer = type.getEnclosingClass();
    return outer == null ? type.getSimpleName() : outer.getSimpleName() + type.getSimpleName();
  }

  private ObjectNode schema(Type type) {
    ObjectNode schema = Json.MAPPER.createObjectNode();
    if (type instanceof ParameterizedType map && map.getRawType() == Map.class) {
      schema
          .put("type", "object")
          .set("additionalProperties", schema(map.getActualTypeArguments()[1]));
      return schema;
    }
    if (type instanceof ParameterizedType list) {
      schema.put("type", "array").set("items", schema(list.getActualTypeArguments()[0]));
      return schema;
    }
    Class<?> plain = (Class<?>) type;
    if (plain.isArray()) {
      schema.put("type", "array").set("items", schema(plain.getComponentType()));
    } else if (plain == String.class) {
      schema.put("type", "string");
    } else if (plain == Instant.class) {
      schema.put("type", "string").put("format", "date-time");
    } else if (plain == boolean.class || plain == Boolean.class) {
      schema.put("type", "boolean");
    } else if (Set.of(int.class, Integer.class).contains(plain)) {
      schema.put("type", "integer").put("format", "int32");
    } else if (Set.of(long.class, Long.class).contains(plain)) {
      schema.put("type", "integer").put("format", "int64");
    } else if (plain == double.class || plain == Double.class) {
      schema.put("type", "number").put("format", "double");
    } else if (plain.isEnum()) {
      ArrayNode values = schema.put("type", "string").putArray("enum");
      Arrays.stream(plain.getEnumConstants())
          .map(value -> Json.MAPPER.convertValue(value, String.class))
          .forEach(values::add);
    } else if (plain.isRecord()) {
      if (schemas.put(name(plain), plain) == null) {
        open.add(plain);
      }
      schema.put("$ref", "#/components/schemas/" + name(plain));
    } else if (!JsonNode.class.isAssignableFrom(plain)) { // which is anything
      throw new IllegalArgumentException("There is no schema for " + plain);
    }
    return schema;
  }

  private ObjectNode describe(Class<?> record) {
    ObjectNode schema = Json.MAPPER.createObjectNode();
    schema.put("type", "object");
    ObjectNode properties = schema.putObject("properties");
    Map<String, Boolean> needed = new LinkedHashMap<>();
    for (RecordComponent component : record.getRecordComponents()) {
      String name = jsonName(record, component);
      ObjectNode one = schema(component.getGenericType());
      boolean nullable = isNullable(component.getAnnotatedType());
      properties.set(name, nullable ? orNull(one) : one);
      needed.put(name, !nullable);
    }
    ArrayNode required = Json.MAPPER.createArrayNode();
    needed.forEach(
        (name, is) -> {
          if (is) {
            required.add(name);
          }
        });
    if (!required.isEmpty()) {
      schema.set("required", required);
    }
    return schema;
  }

  private static ObjectNode orNull(ObjectNode schema) {
    if (schema.has("$ref")) {
      ObjectNode either = Json.MAPPER.createObjectNode();
      either.putArray("anyOf").add(schema).addObject().put("type", "null");
      return either;
    }
    if (schema.has("type")) {
      String type = schema.get("type").stringValue();
      schema.putArray("type").add(type).add("null");
    }
    if (schema.has("enum")) {
      ((ArrayNode) schema.get("enum")).addNull();
    }
    return schema;
  }

  private static boolean isNullable(AnnotatedElement element) {
    return element.isAnnotationPresent(Nullable.class);
  }

  /// As Jackson names it.
  private static String jsonName(Class<?> record, RecordComponent component) {
    try {
      JsonProperty given =
          record.getDeclaredField(component.getName()).getAnnotation(JsonProperty.class);
      return given == null ? component.getName() : given.value();
    } catch (NoSuchFieldException e) {
      throw new IllegalStateException("a record has a field for each component", e);
    }
  }
}
