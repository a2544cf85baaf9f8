package io.relais.systemtests.api;

import static io.relais.protocol.ProtocolVersion.MQTT_5;
import static io.relais.systemtests.api.Api.json;
import static org.assertj.core.api.Assertions.assertThat;

import io.relais.api.Json;
import io.relais.systemtests.EmbeddedRelais;
import io.relais.testkit.Clients;
import io.relais.testkit.Connecting;
import io.relais.testkit.MqttSocket;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import tools.jackson.core.util.DefaultIndenter;
import tools.jackson.core.util.DefaultPrettyPrinter;
import tools.jackson.core.util.Separators;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// The OpenAPI document says what the API does: the calls that programs outside rely on are there,
/// and answers have the shape that it gives them.
class OpenApiTest {
  private static final Path COPY = Path.of("..", "dashboard", "openapi.json");
  private static final String WRITE =
      "./mvnw -pl system-tests -am test -Dtest=OpenApiTest"
          + " -Dsurefire.failIfNoSpecifiedTests=false -Drelais.write=true";

  /// A line for each value, so that changes can be read.
  private static final DefaultPrettyPrinter LINES =
      new DefaultPrettyPrinter(
              Separators.createDefaultInstance()
                  .withObjectNameValueSpacing(Separators.Spacing.AFTER)
                  .withObjectEmptySeparator("")
                  .withArrayEmptySeparator(""))
          .withObjectIndenter(new DefaultIndenter(" ", "\n"))
          .withArrayIndenter(new DefaultIndenter(" ", "\n"));

  /// Of the contract, with the names of its fields.
  private static final List<String> PROMISED =
      List.of(
          "post /api/v1/session",
          "put /api/v1/session/password",
          "delete /api/v1/session",
          "get /api/v1/nodes",
          "get /api/v1/clients",
          "get /api/v1/clients/{clientId}",
          "delete /api/v1/clients/{clientId}",
          "get /api/v1/subscriptions",
          "get /api/v1/retained",
          "delete /api/v1/retained",
          "post /api/v1/publish",
          "get /api/v1/subscribe",
          "get /api/v1/users",
          "post /api/v1/users",
          "put /api/v1/users/{username}",
          "delete /api/v1/users/{username}",
          "get /api/v1/accounts",
          "post /api/v1/accounts",
          "get /api/v1/authorization/rules",
          "put /api/v1/authorization/rules",
          "post /api/v1/authorization/rules/try",
          "get /api/v1/bans",
          "post /api/v1/bans",
          "delete /api/v1/bans/{id}",
          "get /api/v1/configuration",
          "patch /api/v1/configuration",
          "post /api/v1/configuration/reload",
          "get /api/v1/configuration/revisions",
          "get /api/v1/configuration/revisions/{number}",
          "post /api/v1/configuration/revisions/{number}/revert",
          "post /api/v1/explain/publish",
          "post /api/v1/explain/subscribe",
          "post /api/v1/explain/connect",
          "get /api/v1/openapi.json");

  @Test
  void what_is_promised_is_there_and_answers_have_the_shape_that_is_told() {
    try (EmbeddedRelais relais = EmbeddedRelais.start();
        Clients clients = new Clients(relais);
        Api api = Api.ready(relais)) {
      MqttSocket client = clients.open(MQTT_5);
      client.connect("c", Connecting::persistent);
      client.subscribe("a", 1).disconnect();
      api.post("/api/v1/publish", json("{'topic': 'a', 'payload': 'x', 'qos': 1, 'retain': true}"))
          .is(200);
      api.post("/api/v1/users", json("{'username': 'ann', 'password': 'anns password'}")).is(201);
      api.post("/api/v1/keys", json("{'name': 'k', 'role': 'viewer'}")).is(201);
      api.put("/api/v1/authorization/rules", json("[{'effect': 'allow', 'filter': '#'}]")).is(204);
      api.post("/api/v1/bans", json("{'kind': 'client', 'value': 'x'}")).is(201);
      api.post("/api/v1/topic-metrics", json("{'filter': 'a'}")).is(201);
      api.post("/api/v1/publish", json("{'topic': '$delayed/60/a', 'payload': 'x'}")).is(200);
      api.post("/api/v1/traces", json("{'name': 't', 'clientId': 'c'}")).is(201);
      JsonNode message = api.get("/api/v1/explain/messages?topic=a").get("items").get(0);
      String messageId = message.get("id").stringValue();
      api.send("PATCH", "/api/v1/configuration", json("{'changes': {'log.level': 'info'}}"))
          .is(200);
      JsonNode document = api.as(null).get("/api/v1/openapi.json").is(200).content();
      Set<String> calls = new TreeSet<>();
      document
          .get("paths")
          .properties()
          .forEach(
              path ->
                  path.getValue()
                      .propertyNames()
                      .forEach(method -> calls.add(method + " " + path.getKey())));

      assertThat(calls).containsAll(PROMISED);
      List<String> wrong = new ArrayList<>();
      int checked = 0;
      for (String call : calls) {
        String path = call.substring(call.indexOf(' ') + 1);
        if (!call.startsWith("get ")) {
          continue;
        }
        JsonNode schema =
            document
                .at("/paths/" + path.replace("~", "~0").replace("/", "~1"))
                .at("/get/responses/200/content/application~1json/schema");
        if (schema.isMissingNode()
            || !schema.has("$ref") && !schema.has("properties") && !schema.has("items")) {
          continue; // a stream, a file, or this document
        }
        String asked =
            path.replace("{clientId}", "c")
                .replace("{name}", "t")
                .replace("{id}", messageId)
                .replace("{number}", "1");
        Api.Answer answer = api.get(asked).is(200);
        check(document, schema, answer.content(), path, wrong);
        checked++;
      }
      assertThat(wrong).isEmpty();
      assertThat(checked).isGreaterThanOrEqualTo(10);
    }
  }

  /// The dashboard is typed by a copy of the document, so that it cannot use what the API has not.
  @Test
  void the_dashboard_is_typed_by_this_document() throws IOException {
    try (EmbeddedRelais relais = EmbeddedRelais.start();
        Api api = new Api(relais.api())) {
      JsonNode document = api.get("/api/v1/openapi.json").is(200).content();
      JsonNode copy = Json.MAPPER.readTree(Files.readString(COPY));
      JsonNode version = copy.at("/info/version");
      ((ObjectNode) document.get("info")).set("version", version);
      if (Boolean.getBoolean("relais.write")) {
        Files.writeString(
            COPY, Json.MAPPER.writer().with(LINES).writeValueAsString(document) + "\n");
        copy = document;
      }

      assertThat(copy.equals(document))
          .as("dashboard/openapi.json is what the API gives; if not, write it again: " + WRITE)
          .isTrue();
    }
  }

  /// A value against a schema, as far as these documents go.
  private static void check(
      JsonNode document, JsonNode schema, JsonNode value, String at, List<String> wrong) {
    JsonNode meant = schema;
    if (schema.has("$ref")) {
      meant = document.at(schema.get("$ref").stringValue().substring(1));
    }
    if (!meant.has("type")) {
      return; // anything
    }
    Set<String> types = new TreeSet<>();
    JsonNode type = meant.get("type");
    if (type.isString()) {
      types.add(type.stringValue());
    } else {
      type.forEach(one -> types.add(one.stringValue()));
    }
    String is =
        value.isNull()
            ? "null"
            : value.isString()
                ? "string"
                : value.isBoolean()
                    ? "boolean"
                    : value.isIntegralNumber()
                        ? "integer"
                        : value.isNumber() ? "number" : value.isArray() ? "array" : "object";
    if (!types.contains(is)) {
      wrong.add(at + " is " + is + " and should be " + types);
      return;
    }
    if (is.equals("array")) {
      for (JsonNode one : value) {
        check(document, meant.get("items"), one, at + "[]", wrong);
      }
    }
    if (is.equals("object")) {
      JsonNode known = meant.path("properties");
      JsonNode each = meant.path("additionalProperties");
      for (String name : value.propertyNames()) {
        if (each.isObject()) {
          check(document, each, value.get(name), at + "." + name, wrong);
        } else if (!known.has(name)) {
          wrong.add(at + "." + name + " is not in the document");
        } else {
          check(document, known.get(name), value.get(name), at + "." + name, wrong);
        }
      }
      if (meant.has("required")) {
        for (JsonNode name : meant.get("required")) {
          if (!value.has(name.stringValue())) {
            wrong.add(at + "." + name + " is missing");
          }
        }
      }
    }
  }
}
