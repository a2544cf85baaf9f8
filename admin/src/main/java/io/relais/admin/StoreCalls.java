package io.relais.admin;

import com.sun.net.httpserver.HttpExchange;
import io.relais.api.Role;
import io.relais.broker.Administration;
import io.relais.storage.Backup;
import io.relais.storage.DataDirectory;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/// What is kept, as a whole.
final class StoreCalls {
  private final Administration broker;
  private final @Nullable Path data;
  private final Audit audit;
  private final Semaphore one = new Semaphore(1);

  /// @param data folder of the node; null: nothing is kept
  StoreCalls(Administration broker, @Nullable Path data, Audit audit) {
    this.broker = broker;
    this.data = data;
    this.audit = audit;
  }

  void addTo(Operations operations) {
    operations
        .get("/api/v1/store/backup", Role.ADMINISTRATOR, "Everything that is kept, as a zip file")
        .givesOther("application/zip")
        .by(this::backup);
  }

  private @Nullable Object backup(Call call) throws IOException {
    Path folder = data;
    if (folder == null || !broker.isDurable()) {
      throw Failure.conflict("This node keeps nothing (store: memory)");
    }
    if (!one.tryAcquire()) {
      throw Failure.unavailable("Another backup is being made");
    }
    try {
      audit.note(call, null, null);
      HttpExchange exchange = call.exchange();
      exchange.getResponseHeaders().set("Content-Type", "application/zip");
      exchange.getResponseHeaders().set("Cache-Control", "no-store");
      Backup.write(folder.resolve(DataDirectory.BACKUP), broker::checkpoint, new Late(exchange));
      exchange.getResponseBody().close();
      return null;
    } finally {
      one.release();
    }
  }

  /// Begins the answer with its first byte, so that what goes wrong before is told as a problem.
  private static final class Late extends OutputStream {
    private final HttpExchange exchange;
    private @Nullable OutputStream out;

    Late(HttpExchange exchange) {
      this.exchange = exchange;
    }

    private OutputStream out() throws IOException {
      OutputStream there = out;
      if (there == null) {
        exchange.sendResponseHeaders(200, 0);
        there = exchange.getResponseBody();
        out = there;
      }
      return there;
    }

    @Override
    public void write(int b) throws IOException {
      out().write(b);
    }

    @Override
    public void write(byte[] bytes, int from, int count) throws IOException {
      out().write(bytes, from, count);
    }

    @Override
    public void flush() throws IOException {
      out().flush();
    }
  }
}
