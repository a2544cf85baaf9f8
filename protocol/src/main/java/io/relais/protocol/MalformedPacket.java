package io.relais.protocol;

/// The peer sent bytes that the standard does not allow: the one exception of the decoder. Carries
/// the reason code that a DISCONNECT or CONNACK gives where the version has one, and a sentence
/// that says what stood where and what would be right. Has no stack trace, since a peer can cause
/// as many as it likes.
public final class MalformedPacket extends Exception {
  private static final long serialVersionUID = 1L;

  private final ReasonCode reason;

  public MalformedPacket(ReasonCode reason, String message) {
    super(message, null, false, false);
    this.reason = reason;
  }

  public ReasonCode reason() {
    return reason;
  }
}
