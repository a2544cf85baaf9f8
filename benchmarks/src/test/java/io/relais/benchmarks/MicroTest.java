package io.relais.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// Which measurements the words of `benchmarks/micro` choose.
final class MicroTest {
  private static final String MATCH = "io.relais.benchmarks.micro.TopicTreeBenchmark.match";
  private static final String OUTPUT = "io.relais.broker.OutputBenchmark.messageForMany";

  @Test
  void without_a_name_all_are_measured() {
    assertThat(chosen(List.of(), MATCH)).isTrue();
    assertThat(chosen(List.of("--quick"), OUTPUT)).isTrue();
  }

  @Test
  void a_name_is_written_as_the_table_writes_it_or_in_part() {
    assertThat(chosen(List.of("TopicTree.match"), MATCH)).isTrue();
    assertThat(chosen(List.of("topictree"), MATCH)).isTrue();
    assertThat(chosen(List.of("TopicTree.put"), MATCH)).isFalse();
    assertThat(chosen(List.of("codec", "output"), OUTPUT)).isTrue();
  }

  @Test
  void an_unknown_option_is_told_where_to_look() {
    assertThatThrownBy(() -> Micro.Asked.parse(List.of("--fast"))).hasMessageContaining("--help");
  }

  private static boolean chosen(List<String> words, String measurement) {
    return Micro.Asked.parse(words).patterns().stream()
        .anyMatch(pattern -> Pattern.compile(pattern).matcher(measurement).find());
  }
}
