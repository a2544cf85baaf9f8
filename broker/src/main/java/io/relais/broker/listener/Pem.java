package io.relais.broker.listener;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Certificates and keys out of PEM files. Messages name the file and never show what a key file
/// holds.
final class Pem {
  private static final Pattern BLOCK =
      Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----([^-]*)-----END \\1-----");

  private record Block(String label, byte[] der) {}

  private Pem() {}

  static List<X509Certificate> certificates(Path file, byte[] content) throws IOException {
    List<X509Certificate> certificates = new ArrayList<>();
    for (Block block : blocks(file, content)) {
      if (block.label.equals("CERTIFICATE")) {
        try {
          certificates.add(
              (X509Certificate)
                  CertificateFactory.getInstance("X.509")
                      .generateCertificate(new ByteArrayInputStream(block.der)));
        } catch (CertificateException e) {
          throw new IOException(
              file + ": certificate " + (certificates.size() + 1) + " in it is damaged", e);
        }
      }
    }
    if (certificates.isEmpty()) {
      throw new IOException(file + ": no certificate in it (expected -----BEGIN CERTIFICATE-----)");
    }
    return certificates;
  }

  /// The old forms of RSA and EC keys leave out what kind of key they are (a curve, say). The
  /// public key says it, so they become PKCS#8 with its algorithm in front.
  static PrivateKey key(Path file, byte[] content, PublicKey publicKey) throws IOException {
    for (Block block : blocks(file, content)) {
      byte[] encoded;
      switch (block.label) {
        case "PRIVATE KEY" -> encoded = block.der;
        case "RSA PRIVATE KEY", "EC PRIVATE KEY" -> {
          if (!block.label.startsWith(publicKey.getAlgorithm() + " ")) {
            throw new IOException(
                file
                    + ": the key does not match the certificate, which is for "
                    + publicKey.getAlgorithm());
          }
          encoded = pkcs8(algorithm(publicKey), block.der);
        }
        case "ENCRYPTED PRIVATE KEY" ->
            throw new IOException(
                file
                    + ": the private key is encrypted; `openssl pkey -in "
                    + file.getFileName()
                    + "` writes it without a passphrase");
        default -> {
          continue; // EC PARAMETERS, or certificates in the same file
        }
      }
      if (new String(content, StandardCharsets.ISO_8859_1).contains("Proc-Type: 4,ENCRYPTED")) {
        throw new IOException(file + ": the private key is encrypted");
      }
      try {
        return KeyFactory.getInstance(publicKey.getAlgorithm())
            .generatePrivate(new PKCS8EncodedKeySpec(encoded));
      } catch (GeneralSecurityException _) { // its text may quote the key
        throw new IOException(
            file
                + ": the private key is damaged, or does not match the certificate, which is for "
                + publicKey.getAlgorithm());
      }
    }
    throw new IOException(file + ": no private key in it (expected -----BEGIN PRIVATE KEY-----)");
  }

  private static List<Block> blocks(Path file, byte[] content) throws IOException {
    List<Block> blocks = new ArrayList<>();
    Matcher matcher = BLOCK.matcher(new String(content, StandardCharsets.ISO_8859_1));
    while (matcher.find()) {
      try {
        blocks.add(new Block(matcher.group(1), Base64.getMimeDecoder().decode(matcher.group(2))));
      } catch (IllegalArgumentException _) {
        throw new IOException(
            file + ": what stands after BEGIN " + matcher.group(1) + " is no Base64");
      }
    }
    return blocks;
  }

  /// The first part of SubjectPublicKeyInfo ::= SEQUENCE { AlgorithmIdentifier, BIT STRING }.
  private static byte[] algorithm(PublicKey publicKey) {
    byte[] encoded = publicKey.getEncoded();
    int start = contentAt(encoded, 0);
    int end = contentAt(encoded, start) + contentLength(encoded, start);
    return Arrays.copyOfRange(encoded, start, end);
  }

  private static int contentAt(byte[] der, int at) {
    int first = der[at + 1] & 0xFF;
    return at + 2 + (first < 0x80 ? 0 : first & 0x7F);
  }

  private static int contentLength(byte[] der, int at) {
    int first = der[at + 1] & 0xFF;
    if (first < 0x80) {
      return first;
    }
    int length = 0;
    for (int i = 0; i < (first & 0x7F); i++) {
      length = (length << 8) | (der[at + 2 + i] & 0xFF);
    }
    return length;
  }

  /// PrivateKeyInfo ::= SEQUENCE { INTEGER 0, AlgorithmIdentifier, OCTET STRING }.
  private static byte[] pkcs8(byte[] algorithm, byte[] key) {
    ByteArrayOutputStream inside = new ByteArrayOutputStream();
    inside.writeBytes(new byte[] {0x02, 0x01, 0x00});
    inside.writeBytes(algorithm);
    inside.writeBytes(tagged(0x04, key));
    return tagged(0x30, inside.toByteArray());
  }

  private static byte[] tagged(int tag, byte[] content) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(tag);
    if (content.length < 0x80) {
      out.write(content.length);
    } else {
      int bytes = (Integer.SIZE - Integer.numberOfLeadingZeros(content.length) + 7) / 8;
      out.write(0x80 | bytes);
      for (int i = bytes - 1; i >= 0; i--) {
        out.write(content.length >>> (8 * i));
      }
    }
    out.writeBytes(content);
    return out.toByteArray();
  }
}
