package io.relais.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.password4j.Argon2Function;
import com.password4j.Password;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PasswdCommandTest {
  @TempDir Path folder;

  @Test
  void a_new_file_has_one_argon2id_line_that_the_password_matches_and_only_its_owner_reads_it()
      throws IOException {
    Path file = folder.resolve("users");

    Ran ran = Ran.relais("passwd", "-c", "-b", file.toString(), "ann", "s3cret: é");

    assertThat(ran).isEqualTo(new Ran(0, "", ""));
    List<String> lines = Files.readAllLines(file);
    assertThat(lines).hasSize(1);
    assertThat(lines.getFirst()).startsWith("ann:$argon2id$v=19$m=19456,t=2,p=1$");
    String hash = lines.getFirst().substring("ann:".length());
    Argon2Function function = Argon2Function.getInstanceFromHash(hash);
    assertThat(Password.check("s3cret: é", hash).with(function)).isTrue();
    assertThat(Password.check("secret", hash).with(function)).isFalse();
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
  }

  @Test
  void other_lines_stay_when_a_user_is_added_changed_or_deleted() throws IOException {
    Path file = Files.writeString(folder.resolve("users"), "# staff\nbob:$7$x\nann:old\n");

    Ran.relais("passwd", "-b", file.toString(), "ann", "one");
    Ran.relais("passwd", "-b", file.toString(), "cyd", "two");
    Ran deleted = Ran.relais("passwd", "-D", file.toString(), "bob");

    assertThat(deleted.code()).isZero();
    List<String> lines = Files.readAllLines(file);
    assertThat(lines).hasSize(3);
    assertThat(lines.get(0)).isEqualTo("# staff");
    assertThat(lines.get(1)).startsWith("ann:$argon2id$");
    assertThat(lines.get(2)).startsWith("cyd:$argon2id$");
    try (var left = Files.list(folder)) {
      assertThat(left).containsExactly(file);
    }
  }

  @Test
  void what_cannot_be_done_is_said() throws IOException {
    Path file = Files.writeString(folder.resolve("users"), "");

    assertThat(Ran.relais("passwd", "-b", folder.resolve("absent").toString(), "ann", "x"))
        .isEqualTo(
            new Ran(
                1, "", "relais: " + folder.resolve("absent") + " does not exist; -c makes it\n"));
    assertThat(Ran.relais("passwd", "-D", file.toString(), "ann").err()).contains("no user 'ann'");
    assertThat(Ran.relais("passwd", file.toString(), "ann", "x").err()).contains("needs -b");
    assertThat(Ran.relais("passwd", "-b", file.toString(), "a:b", "x").code()).isEqualTo(2);
  }
}
