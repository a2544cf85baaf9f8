package io.relais.protocol;

/// Who sent a packet: some packets and properties come from one side only.
public enum Sender {
  CLIENT,
  SERVER
}
