package io.relais.testkit;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.relais.testkit.FaultyDisk.Cut;
import io.relais.testkit.FaultyDisk.Fault;
import io.relais.testkit.FaultyDisk.Remains;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The disk is asked by a process of its own, [DiskWriter], whose steps are its arguments.
class FaultyDiskTest {
  @TempDir private Path home;
  private FaultyDisk disk;

  @BeforeEach
  void disk() {
    disk = new FaultyDisk(home);
  }

  /// Runs the steps and kills the process when it has done them.
  ///
  /// @return what it printed: one line for each step, `ok` or what failed
  private List<String> steps(String... steps) {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty(
                    "surefire.test.class.path", System.getProperty("java.class.path")),
                DiskWriter.class.getName()));
    command.addAll(List.of(steps));
    ServerProcess writer =
        ServerProcess.start("writer", command, disk.watched(), disk.environment(), "done"::equals);
    writer.awaitReady();
    writer.kill();
    writer.awaitEnd(Duration.ofSeconds(10));
    List<String> said = writer.output().lines().filter(line -> !line.equals("done")).toList();
    writer.close();
    return said;
  }

  private String text(String file) throws IOException {
    return Files.readString(disk.watched().resolve(file), ISO_8859_1);
  }

  @Test
  void what_was_not_synced_is_gone() throws IOException {
    assertThat(
            steps(
                "write a one",
                "sync a",
                "sync .",
                "write a two",
                "write b lost",
                "sync b",
                "make d",
                "write d/c lost",
                "sync d/c",
                "sync d"))
        .containsOnly("ok");

    Cut cut = disk.cut(Remains.STRICT, new Random(1));

    assertThat(text("a")).isEqualTo("one");
    // Their names were never synced, nor that of their directory.
    assertThat(disk.watched().resolve("b")).doesNotExist();
    assertThat(disk.watched().resolve("d")).doesNotExist();
    assertThat(cut.losses()).hasSize(3);
    assertThat(disk.violations()).isZero();
  }

  @Test
  void all_that_was_synced_is_there_after_several_processes_and_cuts() throws IOException {
    steps("make d", "sync .", "write d/a one", "sync d/a", "sync d");
    disk.cut(Remains.STRICT, new Random(1));
    steps("write d/a two", "sync d/a");
    steps("write d/a three", "overwrite d/a O", "sync d/a", "write d/a lost");
    disk.cut(Remains.STRICT, new Random(1));

    assertThat(text("d/a")).isEqualTo("Onetwothree");
  }

  @Test
  void names_are_as_of_the_last_sync_of_their_directory() throws IOException {
    steps(
        "write kept kept",
        "sync kept",
        "write current 1",
        "sync current",
        "sync .",
        "write new 2",
        "sync new",
        "rename new current",
        "remove kept");

    Cut cut = disk.cut(Remains.STRICT, new Random(1));

    assertThat(text("current")).isEqualTo("1");
    assertThat(text("kept")).isEqualTo("kept");
    assertThat(cut.losses()).hasSize(2);

    steps("write new 2", "sync new", "rename new current", "remove kept", "sync .");
    disk.cut(Remains.STRICT, new Random(1));

    assertThat(text("current")).isEqualTo("2");
    assertThat(disk.watched().resolve("kept")).doesNotExist();
  }

  @Test
  void a_name_may_outlive_its_content() throws IOException {
    steps("write current 1", "sync current", "sync .", "write new 2", "rename new current");

    disk.cut(Remains.NAMES, new Random(1));

    assertThat(text("current")).isEmpty();
  }

  @Test
  void a_torn_tail_begins_as_it_was_written() throws IOException {
    steps("write 1.log synced", "sync 1.log", "sync .", "write 1.log " + "x".repeat(500));
    Random random = new Random(4);

    disk.cut(Remains.TORN_AND_DIRTY, random);

    assertThat(text("1.log")).startsWith("syncedx").hasSize(506);
    assertThat(text("1.log")).isNotEqualTo("synced" + "x".repeat(500));
  }

  @Test
  void a_disk_that_lies_loses_what_it_said_was_synced() throws IOException {
    steps("write a one", "sync a", "sync .");
    disk.lie();

    assertThat(steps("write a two", "sync a")).containsOnly("ok");

    disk.cut(Remains.STRICT, new Random(1));
    assertThat(text("a")).isEqualTo("one");
  }

  @Test
  void calls_fail_on_command_from_the_nth_on() {
    disk.failSyncs(Fault.EIO, 1);
    assertThat(steps("write a one", "sync a", "sync a", "sync a"))
        .containsExactly("ok", "ok", "Input/output error", "Input/output error");
    disk.heal();
    disk.failWrites(Fault.ENOSPC, 0);
    assertThat(steps("write a two", "sync .")).containsExactly("No space left on device", "ok");
    assertThat(disk.faults()).isEqualTo(3);
    disk.heal();
    assertThat(steps("write a two", "sync a")).containsOnly("ok");
  }

  @Test
  void a_slow_disk_takes_its_time() {
    disk.slowSyncs(Duration.ofMillis(300));
    long start = System.nanoTime();

    assertThat(steps("write a one", "sync a", "sync a")).containsOnly("ok");

    assertThat(System.nanoTime() - start).isGreaterThan(Duration.ofMillis(600).toNanos());
    assertThat(disk.syncs()).isEqualTo(2);
  }

  @Test
  void what_the_image_cannot_tell_is_counted() {
    steps("write a one", "map a");

    assertThat(disk.violations()).isPositive();
  }
}
