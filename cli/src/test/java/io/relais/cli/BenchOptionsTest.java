package io.relais.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What `bench` refuses before it opens a connection.
class BenchOptionsTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          bench p2q                                   | use one of pub, sub, p2p
          bench p2p --rate 0                          | The rate (--rate) is from 1 to 10000000, not 0
          bench p2p --clients 0                       | The number of clients (--clients) is from 1 to 1000000, not 0
          bench p2p --publishers 3                    | p2p has pairs: use --clients
          bench fan-in --clients 3                    | use --publishers and --subscribers
          bench pub --subscribers 3                   | pub has no subscribers
          bench pub --clients 3 --publishers 3        | Give either --clients or --publishers
          bench connect --publishers 3                | connect has no publishers
          bench p2p -q 3                              | The QoS (-q) is from 0 to 2, not 3
          bench p2p -s 23                             | The size (-s) is from 24 to 16777216, not 23
          bench p2p -M 65536                          | The in-flight window (-M) is from 1 to 65535
          bench p2p -p 65536                          | The port (-p) is from 1 to 65535
          bench p2p --loops 65                        | The number of threads (--loops) is from 1 to 64
          bench p2p --connect-rate 0                  | The rate of connections (--connect-rate)
          bench p2p --duration soon                   | --duration is a time such as 500ms
          bench p2p --duration 0s                     | --duration is from 100ms to 24h
          bench p2p --warm-up 25h                     | --warm-up is from 0ms to 24h
          bench p2p --topic a/#                       | makes no topic
          bench p2p -V 4                              | use -V 311 or -V 5
          bench p2p -P secret                         | needs a user name (-u)
          bench p2p --cafile no-such-file             | --cafile no-such-file cannot be read
          bench p2p --ws --ws-path mqtt               | begins with /
          bench login                                 | login needs a user (-u)
          bench offline -q 0                          | offline needs -q 1 or -q 2
          bench fan-in --publishers 3000 --subscribers 3000 | kept account of
          """)
  void a_wrong_option_ends_with_2_and_says_what_would_be_right(String command, String sentence) {
    Ran ran = Ran.relais(command.split(" ", -1));

    assertThat(ran.code()).isEqualTo(2);
    assertThat(ran.err()).contains(sentence);
  }

  @Test
  void without_a_scenario_it_is_wrong_usage() {
    assertThat(Ran.relais("bench").code()).isEqualTo(2);
  }
}
