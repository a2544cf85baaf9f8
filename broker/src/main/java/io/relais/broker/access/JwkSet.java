package io.relais.broker.access;

import com.nimbusds.jose.Algorithm;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.KeyOperation;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.jwk.RSAKey;
import io.relais.protocol.ReasonCode;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.X509EncodedKeySpec;
import java.text.ParseException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A set of public keys that its issuer changes (RFC 7517), at a URL or in a file. It is fetched
/// every now and then, and when a token names a key that is not in it. Keys that were fetched stay
/// until others are.
///
/// Owner: `keys` is replaced as a whole by the thread `relais-keys`, which does all else too; read
/// by all. Limits: 1 MiB, [#KEYS_MAX] keys, five seconds for a fetch, [#WAITING_MAX] tokens wait.
final class JwkSet implements TokenKeys {
  static final int BYTES_MAX = 1 << 20;
  static final int KEYS_MAX = 100;
  static final int WAITING_MAX = 1_000;
  static final Duration UNKNOWN_KEY_PAUSE = Duration.ofSeconds(10);

  private static final Logger LOG = LoggerFactory.getLogger(JwkSet.class);
  private static final Duration TIMEOUT = Duration.ofSeconds(5);

  /// What stands before the 32 bytes of an Ed25519 key in its X.509 form (RFC 8410).
  private static final byte[] ED25519_BEGIN = HexFormat.of().parseHex("302a300506032b6570032100");

  /// How the text of the set is read.
  private interface Reader {
    String read() throws IOException, InterruptedException;
  }

  private final String where;
  private final Reader reader;
  private final @Nullable HttpClient http;
  private final long pauseNanos;
  private final ScheduledThreadPoolExecutor thread;
  private final AtomicInteger waiting = new AtomicInteger();
  private volatile @Nullable List<TokenKey> keys; // null: never fetched

  // The thread's own.
  private boolean fetched;
  private long fetchedNanos;

  /// @param refresh how often it is fetched anyway
  static JwkSet at(URI url, Duration refresh, Duration unknownKeyPause) {
    HttpClient http =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(TIMEOUT)
            .build();
    String where = url.getScheme() + "://" + url.getRawAuthority() + url.getRawPath();
    return new JwkSet(where, () -> get(http, url), http, refresh, unknownKeyPause);
  }

  static JwkSet in(Path file, Duration refresh, Duration unknownKeyPause) {
    return new JwkSet(file.toString(), () -> read(file), null, refresh, unknownKeyPause);
  }

  private JwkSet(
      String where,
      Reader reader,
      @Nullable HttpClient http,
      Duration refresh,
      Duration unknownKeyPause) {
    this.where = where;
    this.reader = reader;
    this.http = http;
    this.pauseNanos = unknownKeyPause.toNanos();
    thread =
        new ScheduledThreadPoolExecutor(
            1, Thread.ofPlatform().daemon().name("relais-keys").factory());
    thread.scheduleWithFixedDelay(this::fetch, 0, refresh.toMillis(), TimeUnit.MILLISECONDS);
  }

  @Override
  public void find(JWSHeader header, Consumer<Found> then) {
    List<TokenKey> fitting = fitting(header);
    if (fitting != null && !fitting.isEmpty()) {
      then.accept(new Found.Keys(fitting));
      return;
    }
    if (waiting.incrementAndGet() > WAITING_MAX) {
      waiting.decrementAndGet();
      then.accept(
          unavailable(ReasonCode.SERVER_BUSY, WAITING_MAX + " tokens wait for their keys already"));
      return;
    }
    try {
      thread.execute(
          () -> {
            waiting.decrementAndGet();
            then.accept(fetchAndFind(header));
          });
    } catch (RejectedExecutionException _) {
      waiting.decrementAndGet();
      then.accept(unavailable(ReasonCode.SERVER_SHUTTING_DOWN, "the node ends"));
    }
  }

  /// On the thread: whoever waited behind a fetch finds what it brought.
  private Found fetchAndFind(JWSHeader header) {
    List<TokenKey> fitting = fitting(header);
    boolean found = fitting != null && !fitting.isEmpty();
    if (!found && (!fetched || System.nanoTime() - fetchedNanos >= pauseNanos)) {
      fetch();
      fitting = fitting(header);
    }
    return fitting == null
        ? unavailable(
            ReasonCode.SERVER_UNAVAILABLE, "the keys of tokens could not be fetched from " + where)
        : new Found.Keys(fitting);
  }

  private static Found unavailable(ReasonCode reason, String why) {
    return new Found.Unavailable(new Answer.Refuse(reason, why));
  }

  /// @return null if there never were keys
  private @Nullable List<TokenKey> fitting(JWSHeader header) {
    List<TokenKey> now = keys;
    return now == null ? null : now.stream().filter(key -> key.fits(header)).toList();
  }

  private void fetch() {
    fetched = true;
    try {
      List<TokenKey> read = parse(reader.read());
      keys = read;
      LOG.debug("{} keys of tokens from {}", read.size(), where);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt(); // the node ends
    } catch (IOException | ParseException | RuntimeException e) {
      String rest = keys == null ? "no token is accepted" : "those of before stay";
      LOG.warn("The keys of tokens cannot be fetched from {}, {}: {}", where, rest, e.toString());
    } finally {
      fetchedNanos = System.nanoTime();
    }
  }

  private static String get(HttpClient http, URI url) throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(url).timeout(TIMEOUT).header("Accept", "application/json").build();
    CompletableFuture<HttpResponse<String>> asked =
        http.sendAsync(
            request,
            BodyHandlers.limiting(BodyHandlers.ofString(StandardCharsets.UTF_8), BYTES_MAX));
    try {
      HttpResponse<String> answer = asked.get(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
      if (answer.statusCode() != 200) {
        throw new IOException("the server answered with " + answer.statusCode() + ", not 200");
      }
      return answer.body();
    } catch (ExecutionException e) {
      throw new IOException(String.valueOf(e.getCause()), e);
    } catch (TimeoutException e) {
      throw new IOException("nothing whole came within " + TIMEOUT.toSeconds() + " s", e);
    } finally {
      asked.cancel(true);
    }
  }

  private static String read(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] all = in.readNBytes(BYTES_MAX + 1);
      if (all.length > BYTES_MAX) {
        throw new IOException("it is larger than 1 MiB");
      }
      return new String(all, StandardCharsets.UTF_8);
    }
  }

  private List<TokenKey> parse(String text) throws ParseException, IOException {
    List<JWK> all = JWKSet.parse(text).getKeys();
    if (all.size() > KEYS_MAX) {
      throw new IOException("it has " + all.size() + " keys, more than " + KEYS_MAX);
    }
    List<TokenKey> usable = new ArrayList<>();
    for (JWK jwk : all) {
      try {
        TokenKey key = forSignatures(jwk) ? usable(jwk) : null;
        if (key != null) {
          usable.add(key);
        }
      } catch (GeneralSecurityException | JOSEException e) {
        LOG.warn("A key at {} cannot be used: {}", where, e.getMessage());
      }
    }
    return List.copyOf(usable);
  }

  private static boolean forSignatures(JWK jwk) {
    return (jwk.getKeyUse() == null || jwk.getKeyUse().equals(KeyUse.SIGNATURE))
        && (jwk.getKeyOperations() == null
            || jwk.getKeyOperations().isEmpty()
            || jwk.getKeyOperations().contains(KeyOperation.VERIFY));
  }

  /// @return null: of a kind that is no business here, like a secret, which nobody should publish
  private static @Nullable TokenKey usable(JWK jwk) throws JOSEException, GeneralSecurityException {
    PublicKey made =
        switch (jwk) {
          case RSAKey rsa -> rsa.toRSAPublicKey();
          case ECKey ec -> ec.toECPublicKey();
          case OctetKeyPair pair when pair.getCurve().equals(Curve.Ed25519) -> ed25519(pair);
          default -> null;
        };
    if (made == null) {
      return null;
    }
    TokenKey key = TokenKey.of(jwk.getKeyID(), made);
    Algorithm meant = jwk.getAlgorithm();
    return meant == null ? key : key.only(JWSAlgorithm.parse(meant.getName()));
  }

  private static PublicKey ed25519(OctetKeyPair pair) throws GeneralSecurityException {
    byte[] x = pair.getDecodedX();
    if (x.length != 32) {
      throw new InvalidKeySpecException("an Ed25519 key has 32 bytes, not " + x.length);
    }
    byte[] encoded = Arrays.copyOf(ED25519_BEGIN, ED25519_BEGIN.length + x.length);
    System.arraycopy(x, 0, encoded, ED25519_BEGIN.length, x.length);
    return KeyFactory.getInstance("Ed25519").generatePublic(new X509EncodedKeySpec(encoded));
  }

  @Override
  public void close() {
    thread.shutdownNow();
    if (http != null) {
      http.shutdownNow();
    }
  }
}
