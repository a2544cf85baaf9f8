package io.relais.storage.table;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogCheckTest {
  private static final int COMMITS = 400;

  @TempDir Path folder;

  private Path log;
  private byte[] whole;

  LogCheckTest() {
    log = Path.of("");
    whole = new byte[0];
  }

  /// A log without a clean end: a copy of what lies there while the store is open.
  @BeforeEach
  void write() throws IOException {
    Path state = folder.resolve("open");
    try (RocksTables tables = RocksTables.open(state, 1 << 20)) {
      var random = new Random(5);
      for (int i = 0; i < COMMITS; i++) {
        var writes = new Writes();
        writes.head(i + 1, i, 0, 0, 0, 0, 0, 0, 0, 0);
        byte[] value = new byte[random.nextInt(400)];
        random.nextBytes(value);
        writes.put(new ByteWriter(8).u8(i), new ByteWriter(512).bytes(value));
        tables.write(writes, true);
      }
      Files.createDirectory(folder.resolve("copy"));
      try (Stream<Path> files = Files.list(state)) {
        for (Path file : files.filter(Files::isRegularFile).toList()) {
          Files.copy(file, folder.resolve("copy").resolve(file.getFileName()));
        }
      }
    }
    try (Stream<Path> files = Files.list(folder.resolve("copy"))) {
      log = files.filter(file -> file.toString().endsWith(".log")).findFirst().orElseThrow();
    }
    whole = Files.readAllBytes(log);
  }

  @Test
  void a_log_that_is_cut_anywhere_is_no_damage() throws IOException {
    for (int length = whole.length; length > whole.length - 2048; length--) {
      Files.write(log, Arrays.copyOf(whole, length));

      assertThat(LogCheck.check(folder.resolve("copy"))).as("cut at %d", length).isEmpty();
    }
  }

  @Test
  void a_store_with_a_log_that_is_cut_has_all_whole_commits() throws IOException {
    int most = COMMITS;
    for (int length = whole.length; length > whole.length - 2048; length -= 61) {
      Path own = folder.resolve("cut" + length);
      copy(own);
      Files.write(own.resolve(log.getFileName()), Arrays.copyOf(whole, length));

      int found;
      try (RocksTables tables = RocksTables.open(own, 1 << 20);
          Cursor cursor = tables.cursor(new byte[0], new byte[] {1})) {
        for (found = 0; cursor.isValid(); cursor.next(), found++) {
          assertThat(new ByteReader(cursor.key()).u8()).isEqualTo(found);
        }
      }
      assertThat(found).as("cut at %d", length).isLessThanOrEqualTo(most).isGreaterThan(300);
      most = found;
    }
    assertThat(most).isLessThan(COMMITS);
  }

  private void copy(Path to) throws IOException {
    Files.createDirectory(to);
    try (Stream<Path> files = Files.list(folder.resolve("copy"))) {
      for (Path file : files.toList()) {
        Files.copy(file, to.resolve(file.getFileName()));
      }
    }
  }

  @Test
  void a_byte_that_is_flipped_in_the_middle_is_found_with_file_and_place() throws IOException {
    var random = new Random(7);
    for (int i = 0; i < 100; i++) {
      int at = random.nextInt(whole.length / 2);
      byte[] flipped = whole.clone();
      flipped[at] ^= (byte) (1 << random.nextInt(8));
      Files.write(log, flipped);

      var damages = LogCheck.check(folder.resolve("copy"));

      assertThat(damages).as("flipped at %d", at).hasSize(1);
      assertThat(damages.getFirst().file()).isEqualTo(log);
      assertThat(damages.getFirst().offset()).isBetween(at - 500L, (long) at);
    }
  }

  @Test
  void an_older_log_is_damaged_by_a_cut_too() throws IOException {
    Files.write(log, Arrays.copyOf(whole, whole.length - 3));
    Files.write(log.resolveSibling("999999.log"), whole);

    assertThat(LogCheck.check(folder.resolve("copy")))
        .singleElement()
        .satisfies(damage -> assertThat(damage.file()).isEqualTo(log));
  }
}
