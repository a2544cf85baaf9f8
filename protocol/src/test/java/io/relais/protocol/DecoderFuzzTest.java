package io.relais.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.relais.protocol.PacketVectors.Outcome;
import io.relais.protocol.PacketVectors.Vector;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Runs [DecoderFuzz] over its seeds, which are the rows of the table of packets, and leaves them
/// in `target/fuzz/seeds`. To search from there with Jazzer:
///
/// ```
/// ./mvnw -pl protocol -Pfuzz -Dtest=DecoderFuzzTest verify -Dfuzz.seconds=600
/// ```
class DecoderFuzzTest {
  static List<Vector> seeds() {
    return PacketVectors.all();
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void a_seed_gives_no_finding(Vector seed) {
    byte[] input = DecoderFuzz.input(seed.version(), seed.sender(), seed.bytes());

    assertThatCode(() -> DecoderFuzz.fuzzerTestOneInput(input)).doesNotThrowAnyException();
  }

  @Test
  void no_input_at_all_gives_no_finding() {
    assertThatCode(() -> DecoderFuzz.fuzzerTestOneInput(new byte[0])).doesNotThrowAnyException();
  }

  @Test
  void the_seeds_are_written_for_jazzer() throws IOException {
    Path directory = Files.createDirectories(Path.of("target", "fuzz", "seeds"));

    for (Vector seed : seeds()) {
      String kind = seed.outcome() instanceof Outcome.Accepted ? "accepted" : "refused";
      Files.write(
          directory.resolve(kind + "-" + seed.line() + "-" + seed.version().label()),
          DecoderFuzz.input(seed.version(), seed.sender(), seed.bytes()));
    }

    Files.createDirectories(directory.resolveSibling("corpus")); // where it puts what it finds new
    assertThat(directory).isNotEmptyDirectory();
  }
}
