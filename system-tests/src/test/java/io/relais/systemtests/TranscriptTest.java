package io.relais.systemtests;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.relais.protocol.ProtocolVersion;
import io.relais.testkit.AgainstBroker;
import io.relais.testkit.Clients;
import io.relais.testkit.EachVersion;
import io.relais.testkit.Transcript;
import org.junit.jupiter.api.Test;

/// The notation of wire transcripts against a real broker.
@AgainstBroker
class TranscriptTest {
  @EachVersion
  void a_transcript_runs_as_written(ProtocolVersion version, Clients clients) {
    Transcript transcript =
        Transcript.of(
            """
            A> CONNECT id={id} resuming keep-alive=30 will q1 {t}/will "gone"
            A< CONNACK 0x00 ...
            B> CONNECT id={id}
            B< CONNACK 0x00 ...

            # a message of QoS 2 from B to A, with the ids that each side chose
            A> SUBSCRIBE id=1 {t}/# q2
            A< SUBACK id=1 0x02
            B> PUBLISH q2 id=9 {t}/a "x y"
            B< PUBREC id=9
            B> PUBREL id=9
            B< PUBCOMP id=9
            A< PUBLISH q2 id={m} {t}/a "x y"
            A> PUBREC id={m}
            A< PUBREL id={m}
            A> PUBCOMP id={m}
            A< SILENCE
            A< NOTHING-FROM B
            B> BYTES c0 00
            B< PINGRESP
            A> DISCONNECT
            A< CLOSED
            """);

    transcript.run(clients, version);
  }

  @Test
  void the_line_that_differs_is_told(Clients clients) {
    Transcript wrong =
        Transcript.of(
            """
            A> CONNECT id={id}
            A< CONNACK 0x00 ...

            # a ping is not answered so
            A> PINGREQ
            A< SUBACK id=1 0x00
            """);

    assertThatThrownBy(() -> wrong.run(clients, ProtocolVersion.MQTT_3_1_1))
        .hasMessageContaining("line 6")
        .hasMessageContaining("but got  PINGRESP");
  }
}
