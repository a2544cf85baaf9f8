package io.relais.server.config;

/// Whether TLS clients show a certificate.
public enum ClientCertificate {
  NONE,
  OPTIONAL,
  REQUIRED
}
