package io.relais.server.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class ReferenceTest {
  @Test
  void the_page_in_docs_is_what_the_records_say() throws IOException {
    Path page = Path.of("../docs/configuration.md");

    String written = Files.exists(page) ? Files.readString(page) : "";

    assertThat(written)
        .as("stale; run: ./relais config reference > docs/configuration.md")
        .isEqualTo(Reference.markdown());
  }
}
