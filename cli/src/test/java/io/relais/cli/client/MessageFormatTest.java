package io.relais.cli.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// The expected lines are what mosquitto_sub 2.0.11 printed for the same message and format.
class MessageFormatTest {
  private static final ZonedDateTime NOW =
      ZonedDateTime.of(2026, 11, 21, 9, 29, 19, 741_033_722, ZoneOffset.UTC);

  private final List<String> complaints = new ArrayList<>();

  private static Message message(String payload) {
    return new Message(
        "f/topic",
        payload.getBytes(StandardCharsets.UTF_8),
        1,
        false,
        new Message.Properties(
            "text/plain",
            "corr".getBytes(StandardCharsets.UTF_8),
            1,
            "re/sp",
            60L,
            List.of(Map.entry("k1", "v1"), Map.entry("k2", "v2"))));
  }

  private String printed(String format, boolean pretty, Message message) {
    var out = new ByteArrayOutputStream();
    MessageFormat.parse(format, pretty).print(message, NOW, out, complaints::add);
    return out.toString(StandardCharsets.UTF_8);
  }

  @Test
  void widths_flags_and_precision_pad_and_cut_as_mosquitto_sub_does() {
    var format =
        "%30I|%-30I|%4.4I|%10t|%-10t|%10.3t|%.3t|%030t|%05l|%-5l|%5l|%8E|%08E|%3F|%03F|%10C|%3.3C|%20R|%.2R|%06A|%6S";

    var line = printed(format, false, message("{\"a\": [1,2.50,true,null, \"x\"]}"));

    assertThat(line)
        .isEqualTo(
            "      2026-11-21T09:29:19+0000|2026-11-21T09:29:19+0000      |2026|   f/topic|f/topic   |"
                + "       f/t|f/t|                       f/topic|00030|30   |   30|      60|00000060|"
                + "  1|001|text/plain|tex|               re/sp|re|000000|      ");
  }

  @Test
  void time_conversions_are_those_of_strftime() {
    var format =
        "%U @Y-@m-@dT@H:@M:@S.@N @@ @z @Z @j @s @a @A @b @B @c @x @X @p @y @e @D @T @F @R @u @w @V @U @G @g @C @h @I @k @l @P @r";

    var line = printed(format, false, message("x"));

    assertThat(line)
        .isEqualTo(
            "1795253359.741033722 2026-11-21T09:29:19.741033722 @ +0000 UTC 325 1795253359 Sat Saturday"
                + " Nov November Sat Nov 21 09:29:19 2026 11/21/26 09:29:19 AM 26 21 11/21/26 09:29:19"
                + " 2026-11-21 09:29 6 6 47 46 2026 26 20 Nov 09  9  9 am 09:29:19 AM");
  }

  @Test
  void json_has_the_fields_of_mosquitto_sub_and_escapes_text() {
    var line = printed("%j", false, message("q\"\\/\t\u0001é<"));

    assertThat(line)
        .isEqualTo(
            "{\"tst\":\"2026-11-21T09:29:19.741033+0000\",\"topic\":\"f/topic\",\"qos\":1,\"retain\":0,"
                + "\"payloadlen\":9,\"properties\":{\"content-type\":\"text/plain\",\"correlation-data\":\"corr\","
                + "\"payload-format-indicator\":1,\"response-topic\":\"re/sp\",\"user-properties\":{\"k1\":\"v1\","
                + "\"k2\":\"v2\"},\"message-expiry-interval\":60},\"payload\":\"q\\\"\\\\/\\t\\u0001é<\"}");
  }

  @Test
  void a_json_payload_is_embedded_and_can_be_laid_out_with_tabs() {
    var plain =
        Message.of(
            "t",
            "{\"a\": [1, 2.50, {}], \"b\":{\"c\":[]}}".getBytes(StandardCharsets.UTF_8),
            0,
            true);

    var flat = printed("%J", false, plain);
    var pretty = printed("%J", true, plain);

    assertThat(flat)
        .endsWith(
            "\"retain\":1,\"payloadlen\":34,\"payload\":{\"a\":[1,2.50,{}],\"b\":{\"c\":[]}}}");
    assertThat(pretty).contains("\n\t\"payload\":\t{\n\t\t\"a\":\t[1, 2.50, {");
  }

  @Test
  void a_payload_that_is_not_json_is_complained_about_and_not_printed() {
    var line = printed("<%J>", false, message("not json"));

    assertThat(line).isEqualTo("<>");
    assertThat(complaints).containsExactly("Message payload is not valid JSON on topic f/topic.");
  }

  @Test
  void bytes_that_are_not_text_stay_whole_in_json() {
    var binary = Message.of("t", new byte[] {(byte) 0xff, 0}, 0, false);

    assertThat(printed("%j", false, binary)).endsWith("\"payload-base64\":\"/wA=\"}");
    assertThat(printed("%x %X", false, binary)).isEqualTo("ff00 FF00");
  }

  @Test
  void a_wrong_format_is_refused_with_the_sequence_named() {
    for (var format : List.of("%Z", "%m", "@Q", "\\q", "%", "@", "a\\", "%5", "%99999t")) {
      assertThatThrownBy(() -> MessageFormat.parse(format, false))
          .as(format)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageMatching(".*['%].*");
    }
  }
}
