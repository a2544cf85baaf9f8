package io.relais.broker.access;

import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;
import org.jspecify.annotations.Nullable;

/// What of a client's certificate is its user name.
public enum CertificateName {
  NONE,
  /// of the subject, the innermost
  COMMON_NAME,
  /// the first of the subject's alternative names that is a DNS name
  DNS,
  /// likewise a URI
  URI,
  /// likewise an address of mail
  EMAIL;

  /// As a certificate numbers the kinds of alternative names (GeneralName of RFC 5280).
  private static final int RFC822_NAME = 1;

  private static final int DNS_NAME = 2;
  private static final int UNIFORM_RESOURCE_IDENTIFIER = 6;

  /// @param certificate that TLS checked; null: none was shown
  /// @return null if it has no such name
  public @Nullable String of(@Nullable X509Certificate certificate) {
    if (certificate == null) {
      return null;
    }
    return switch (this) {
      case NONE -> null;
      case COMMON_NAME -> first(subject(certificate, "CN"));
      case DNS -> alternative(certificate, DNS_NAME);
      case URI -> alternative(certificate, UNIFORM_RESOURCE_IDENTIFIER);
      case EMAIL -> alternative(certificate, RFC822_NAME);
    };
  }

  private static @Nullable String first(List<String> names) {
    return names.isEmpty() ? null : names.getFirst();
  }

  /// The parts of a subject that are of one kind, the innermost first.
  static List<String> subject(X509Certificate certificate, String kind) {
    List<Rdn> parts;
    try {
      parts = new LdapName(certificate.getSubjectX500Principal().getName()).getRdns();
    } catch (InvalidNameException e) {
      throw new IllegalStateException("a checked certificate has a subject that is no name", e);
    }
    List<String> found = new ArrayList<>();
    for (Rdn part : parts.reversed()) {
      if (part.getType().equalsIgnoreCase(kind) && part.getValue() instanceof String text) {
        found.add(text);
      }
    }
    return found;
  }

  private static @Nullable String alternative(X509Certificate certificate, int kind) {
    Collection<List<?>> names;
    try {
      names = certificate.getSubjectAlternativeNames();
    } catch (CertificateParsingException _) { // nothing in it is to be trusted then
      return null;
    }
    if (names == null) {
      return null;
    }
    for (List<?> name : names) {
      if (name.get(0).equals(kind) && name.get(1) instanceof String text && !text.isEmpty()) {
        return text;
      }
    }
    return null;
  }
}
