package io.relais.broker.listener;

import io.netty.handler.ssl.JdkSslContext;
import java.io.IOException;
import java.security.KeyManagementException;
import java.security.Provider;
import java.security.SecureRandom;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLContextSpi;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLServerSocketFactory;
import javax.net.ssl.SSLSessionContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManager;
import org.jspecify.annotations.Nullable;

/// The TLS of a server that is not Netty's, by the same files and rules as that of a listener: each
/// new connection gets the certificate as the files are then.
///
/// Owner: any thread; whoever made it closes it.
public final class ServerTls implements AutoCloseable {
  private final TlsIdentity identity;
  private final TlsSettings settings;
  private final SSLContext context;

  /// @param name of the server in messages
  /// @throws IOException naming the file and what is wrong with it
  public ServerTls(String name, TlsSettings settings) throws IOException {
    this.identity = new TlsIdentity(name, settings);
    this.settings = settings;
    this.context = new Following(new Now(identity), current(identity).getProvider());
    identity.watch();
  }

  private static SSLContext current(TlsIdentity identity) {
    return ((JdkSslContext) identity.context()).context();
  }

  /// Stays the same while what it stands for is exchanged.
  public SSLContext context() {
    return context;
  }

  /// For one connection.
  public SSLParameters parameters() {
    SSLParameters parameters = current(identity).getDefaultSSLParameters();
    parameters.setProtocols(settings.versions().toArray(String[]::new));
    switch (settings.clientCertificate()) {
      case NONE -> {}
      case OPTIONAL -> parameters.setWantClientAuth(true);
      case REQUIRED -> parameters.setNeedClientAuth(true);
    }
    return parameters;
  }

  @Override
  public void close() {
    identity.close();
  }

  /// The JDK's servers hold one context for good.
  private static final class Following extends SSLContext {
    Following(SSLContextSpi now, Provider provider) {
      super(now, provider, "TLS");
    }
  }

  /// Asks the context of the moment.
  private static final class Now extends SSLContextSpi {
    private final TlsIdentity identity;

    Now(TlsIdentity identity) {
      this.identity = identity;
    }

    @Override
    protected void engineInit(
        KeyManager @Nullable [] keys,
        TrustManager @Nullable [] trust,
        @Nullable SecureRandom random)
        throws KeyManagementException {
      throw new KeyManagementException("This context follows files and is not initialized");
    }

    @Override
    protected SSLSocketFactory engineGetSocketFactory() {
      return current(identity).getSocketFactory();
    }

    @Override
    protected SSLServerSocketFactory engineGetServerSocketFactory() {
      return current(identity).getServerSocketFactory();
    }

    @Override
    protected SSLEngine engineCreateSSLEngine() {
      return current(identity).createSSLEngine();
    }

    @Override
    protected SSLEngine engineCreateSSLEngine(String host, int port) {
      return current(identity).createSSLEngine(host, port);
    }

    @Override
    protected SSLSessionContext engineGetServerSessionContext() {
      return current(identity).getServerSessionContext();
    }

    @Override
    protected SSLSessionContext engineGetClientSessionContext() {
      return current(identity).getClientSessionContext();
    }

    @Override
    protected SSLParameters engineGetDefaultSSLParameters() {
      return current(identity).getDefaultSSLParameters();
    }

    @Override
    protected SSLParameters engineGetSupportedSSLParameters() {
      return current(identity).getSupportedSSLParameters();
    }
  }
}
