package io.relais.admin;

import io.relais.api.Encoding;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/// How payloads come out: text where they are UTF-8, else base64.
final class Payloads {
  private Payloads() {}

  record Told(String payload, Encoding encoding) {}

  static Told tell(byte[] payload) {
    try {
      String text =
          StandardCharsets.UTF_8
              .newDecoder()
              .onMalformedInput(CodingErrorAction.REPORT)
              .onUnmappableCharacter(CodingErrorAction.REPORT)
              .decode(ByteBuffer.wrap(payload))
              .toString();
      return new Told(text, Encoding.TEXT);
    } catch (CharacterCodingException e) {
      return new Told(Base64.getEncoder().encodeToString(payload), Encoding.BASE64);
    }
  }
}
