package io.relais.broker.listener;

/// Whether clients show a certificate of their own.
public enum ClientCertificate {
  NONE,
  OPTIONAL,
  REQUIRED
}
