package io.relais.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StoreCommandTest {
  private static final List<String> LINES =
      List.of(
          "{\"type\":\"header\",\"format\":1,\"version\":\"V\",\"position\":9,\"logTimeMillis\":1000,\"wallMillis\":2000,\"lastNumber\":9}",
          "{\"type\":\"node\",\"node\":\"n\",\"incarnation\":3}",
          "{\"type\":\"user\",\"username\":\"ann\",\"passwordHash\":\"$argon2id$v=19$x\"}",
          "{\"type\":\"message\",\"id\":4,\"topic\":\"t\",\"payload\":\"héllo\",\"encoding\":\"text\",\"messageQos\":2,\"messageRetain\":true,\"expiresAtMillis\":9000,\"publisher\":\"p\"}",
          "{\"type\":\"session\",\"clientId\":\"c\",\"persistent\":true,\"queue\":1,\"head\":0,\"next\":7,\"epoch\":2,\"incarnation\":3,\"expirySeconds\":60,\"window\":5,\"sentBelow\":1,\"deferred\":false,\"ended\":false,\"will\":{\"delaySeconds\":9,\"topic\":\"w\",\"payload\":\"\",\"encoding\":\"text\",\"messageQos\":0,\"messageRetain\":false},\"willAt\":{\"atMillis\":5000,\"number\":2},\"endAt\":{\"atMillis\":6000,\"number\":3},\"subscriptions\":[{\"filter\":\"$share/g/s\",\"qos\":1,\"noLocal\":false,\"retainAsPublished\":true,\"retainHandling\":2,\"id\":8},{\"filter\":\"t\",\"qos\":2,\"noLocal\":true,\"retainAsPublished\":false,\"retainHandling\":0,\"id\":0,\"owedAfter\":\"s\"}],\"receivedIds\":[3,65535]}",
          "{\"type\":\"entry\",\"queue\":1,\"sequence\":2,\"qos\":2,\"retain\":false,\"subscriptionIds\":[8,9],\"released\":true,\"message\":4}",
          "{\"type\":\"entry\",\"queue\":1,\"sequence\":5,\"qos\":1,\"retain\":false,\"from\":\"$share/g/s\",\"topic\":\"s\",\"payload\":\"/wA=\",\"encoding\":\"base64\",\"messageQos\":1,\"messageRetain\":false,\"encodedProperties\":\"AQE=\"}",
          "{\"type\":\"group\",\"filter\":\"$share/g/s\",\"queue\":6,\"head\":4611686018427387904,\"next\":4611686018427387906}",
          "{\"type\":\"entry\",\"queue\":6,\"sequence\":4611686018427387905,\"qos\":1,\"retain\":false,\"topic\":\"s\",\"payload\":\"x\",\"encoding\":\"text\",\"messageQos\":1,\"messageRetain\":false}",
          "{\"type\":\"retained\",\"storedAtMillis\":900,\"expiryNumber\":5,\"topic\":\"t\",\"message\":4}",
          "{\"type\":\"delayed\",\"number\":7,\"dueAtMillis\":4000,\"topic\":\"d\",\"payload\":\"x\",\"encoding\":\"text\",\"messageQos\":1,\"messageRetain\":false}",
          "{\"type\":\"exclusive\",\"filter\":\"x\",\"clientId\":\"e\",\"node\":\"n\",\"incarnation\":3}");

  @TempDir Path folder;
  private Path file = Path.of("");
  private Path data = Path.of("");

  @BeforeEach
  void write() throws IOException {
    data = folder.resolve("data");
    file = Files.write(folder.resolve("lines"), LINES);
  }

  private Ran store(String what, String... more) {
    return Ran.relais(
        java.util.stream.Stream.concat(
                java.util.stream.Stream.of("store", what, data.toString()),
                java.util.stream.Stream.of(more))
            .toArray(String[]::new));
  }

  @Test
  void what_is_imported_comes_out_again_line_for_line() throws IOException {
    Ran imported = store("import", "-i", file.toString());
    Path out = folder.resolve("out");
    Ran exported = store("export", "-o", out.toString());

    assertThat(imported.err()).isEmpty();
    assertThat(imported.code()).isZero();
    assertThat(imported.out())
        .contains("1 sessions, 3 queued, 1 retained and 1 delayed messages, 1 users");
    assertThat(exported).isEqualTo(new Ran(0, "", ""));
    assertThat(Files.readAllLines(out))
        .map(line -> line.replaceFirst("\"version\":\"[^\"]*\"", "\"version\":\"V\""))
        .isEqualTo(LINES);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(out)))
        .isEqualTo("rw-------");
    assertThat(store("export").out()).isEqualTo(Files.readString(out));
  }

  @Test
  void a_check_tells_what_is_there_and_ok() {
    store("import", "-i", file.toString());

    Ran lines = store("check");
    Ran json = store("check", "--json");

    assertThat(lines.code()).isZero();
    assertThat(lines.out())
        .contains("position           9" + System.lineSeparator())
        .contains("log time           1970-01-01T00:00:01Z")
        .contains("queued messages    3")
        .endsWith("OK" + System.lineSeparator());
    assertThat(json.out())
        .startsWith("{\"sound\":true,\"format\":1,\"position\":9,")
        .contains("\"users\":1")
        .contains("\"damageCount\":0,\"damages\":[]}");
  }

  @Test
  void a_file_that_is_damaged_is_told_with_exit_code_1() throws IOException {
    store("import", "-i", file.toString());
    try (var files = Files.list(data.resolve("state"))) {
      for (Path one : files.filter(any -> any.toString().matches(".*\\.(log|sst)")).toList()) {
        byte[] bytes = Files.readAllBytes(one);
        if (bytes.length > 100) {
          bytes[60] ^= 1;
        }
        Files.write(one, bytes, StandardOpenOption.TRUNCATE_EXISTING);
      }
    }

    Ran ran = store("check");

    assertThat(ran.code()).isEqualTo(1);
    assertThat(ran.out()).contains("damaged: " + data).contains("DAMAGED in ");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "1 | {} | type is missing; it is a string",
        "1 | {\"type\":\"user\",\"username\":\"a\",\"passwordHash\":\"$argon2id$\"} | the header must come first",
        "1 | {\"type\":\"header\",\"format\":2} | the format is 2, this version of Relais reads 1",
        "3 | {\"type\":\"user\",\"username\":\"a\",\"passwordHash\":\"plain\"} | does not begin with $argon2id$",
        "3 | {\"type\":\"user\",\"username\":\"a\",\"hash\":\"x\"} | passwordHash is missing",
        "3 | {\"type\":\"user | a line is one JSON object",
        "3 | {\"type\":\"usr\"} | the type is 'usr'; it is one of header, node, user",
        "3 | {\"type\":\"node\",\"node\":\"n\",\"incarnation\":3} | node 'n' comes a second time",
        "3 | {\"type\":\"node\",\"node\":\"m\",\"incarnation\":3,\"x\":1} | x is no field here; there are incarnation, node, type",
        "6 | {\"type\":\"entry\",\"queue\":6,\"sequence\":2,\"qos\":1,\"message\":4} | entries follow the session or group with their queue, and here that is 1",
        "6 | {\"type\":\"entry\",\"queue\":1,\"sequence\":2,\"qos\":1,\"message\":5} | message 5 is referred to; it must come before",
        "6 | {\"type\":\"entry\",\"queue\":1,\"sequence\":9,\"qos\":1,\"message\":4} | here it is from 0 to below next of the queue, 7",
        "6 | {\"type\":\"entry\",\"queue\":1,\"sequence\":2,\"qos\":0,\"message\":4} | qos is no such thing; it is a whole number from 1 to 2",
      })
  void a_wrong_line_is_named_with_what_would_be_right_and_nothing_is_left(
      int number, String line, String why) throws IOException {
    var lines = new java.util.ArrayList<>(LINES);
    lines.set(number - 1, line);
    Files.write(file, lines);

    Ran ran = store("import", "-i", file.toString());

    assertThat(ran.code()).isEqualTo(1);
    assertThat(ran.err())
        .startsWith("relais: " + file + " line " + number + ": ")
        .contains(why)
        .contains("nothing was imported");
    assertThat(data).doesNotExist();
  }

  @Test
  void lines_that_do_not_go_together_are_refused() throws IOException {
    var lines = new java.util.ArrayList<>(LINES);
    lines.removeIf(line -> line.contains("\"type\":\"group\"") || line.contains("\"queue\":6"));
    Files.write(file, lines);

    Ran ran = store("import", "-i", file.toString());

    assertThat(ran.err()).contains("$share/g/s").contains("its group has no queue");
    assertThat(data).doesNotExist();
  }

  @Test
  void what_cannot_be_done_is_said() {
    Ran missing = store("check");
    store("import", "-i", file.toString());
    Ran again = store("import", "-i", file.toString());
    Ran both = store("check", "--set", "store=disk");

    assertThat(missing.code()).isEqualTo(1);
    assertThat(missing.err()).contains("There is no data of Relais in " + data);
    assertThat(again.code()).isEqualTo(1);
    assertThat(again.err()).contains("is not empty").contains("needs one that is empty or missing");
    assertThat(both.code()).isEqualTo(2);
    assertThat(Ran.relais("store").code()).isEqualTo(2);
    assertThat(Ran.relais("store", "check", "--set", "data=" + data).code()).isZero();
  }
}
