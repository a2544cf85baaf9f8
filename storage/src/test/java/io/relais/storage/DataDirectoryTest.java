package io.relais.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.relais.storage.table.RocksTables;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataDirectoryTest {
  @TempDir Path folder;

  @Test
  void a_directory_is_made_with_its_format_and_found_again() throws IOException {
    Path path = folder.resolve("new/data");
    DataDirectory.open(path).close();

    DataDirectory.openExisting(path).close();

    assertThat(path.resolve("format")).hasContent("relais store format 1");
  }

  @Test
  void who_comes_second_is_told_who_has_it() throws IOException {
    try (var held = DataDirectory.open(folder)) {
      assertThatThrownBy(() -> DataDirectory.open(folder))
          .isInstanceOf(IOException.class)
          .hasMessage(
              "The data directory %s is in use by this process; give this node another one with 'data:'",
              held.path());
      assertThatThrownBy(() -> DataDirectory.openExisting(folder))
          .hasMessageEndingWith("in use by this process; end it first");
    }
    DataDirectory.open(folder).close();
  }

  @Test
  void a_format_that_is_not_known_is_refused_and_left_as_it_is() throws IOException {
    for (String format : new String[] {"relais store format 2\n", "what\n", "x".repeat(300)}) {
      Files.writeString(folder.resolve("format"), format);

      assertThatThrownBy(() -> DataDirectory.open(folder))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("this version of Relais knows 'relais store format 1'");
      assertThat(folder.resolve("format")).hasContent(format);
    }
  }

  @Test
  void tables_without_a_format_are_refused() throws IOException {
    Files.createDirectory(folder.resolve("state"));
    Files.writeString(folder.resolve("state/CURRENT"), "MANIFEST-1\n");

    assertThatThrownBy(() -> DataDirectory.open(folder))
        .hasMessageContaining("has a store but no file 'format'");
  }

  @Test
  void what_is_no_data_directory_is_said_and_not_made_one() throws IOException {
    assertThatThrownBy(() -> DataDirectory.openExisting(folder))
        .hasMessageStartingWith("There is no data of Relais in ");

    try (var files = Files.list(folder)) {
      assertThat(files).isEmpty();
    }
  }

  @Test
  void no_node_starts_on_an_import_that_was_interrupted_and_another_import_begins_anew()
      throws Exception {
    Path path = folder.resolve("data");
    try (var interrupted = DataDirectory.openToFill(path)) {
      RocksTables.open(interrupted.importing(), 1 << 20).close();
    }

    assertThatThrownBy(() -> DataDirectory.open(path))
        .hasMessageContaining("was interrupted; run it again");
    try (var again = StoreImport.into(path)) {
      again.put(new StoredItem.Header(1, 0, 0, 0, 0));
      again.finish();
    }
    DataDirectory.openExisting(path).close();
  }

  @Test
  void an_import_that_is_given_up_leaves_nothing() throws Exception {
    Path path = folder.resolve("data");
    try (var given = StoreImport.into(path)) {
      given.put(new StoredItem.Header(1, 0, 0, 0, 0));
    }

    assertThat(path).doesNotExist();
  }

  @Test
  void nothing_is_imported_into_what_is_not_empty() throws IOException {
    Files.writeString(folder.resolve("mine"), "text");

    assertThatThrownBy(() -> StoreImport.into(folder))
        .hasMessageContaining("is not empty (mine is there)");
    try (var files = Files.list(folder)) {
      assertThat(files).hasSize(1);
    }
  }
}
