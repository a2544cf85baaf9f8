package io.relais.broker.listener;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.netty.channel.nio.NioIoHandler;
import io.relais.broker.listener.Trial.Begun;
import io.relais.broker.listener.Trial.Options;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ListenerTest {
  @TempDir Path directory;

  @Test
  void on_plain_tcp_the_connection_handler_is_alone_and_knows_its_peer() throws IOException {
    try (Trial trial = new Trial(Options.of(Transport.TCP))) {
      try (Wire client = trial.connect()) {
        String echo = client.send("hello").readText(5);

        Begun begun = trial.begun();
        assertThat(echo).isEqualTo("hello");
        assertThat(begun.active()).isTrue();
        assertThat(begun.hasDeadline()).isFalse();
        assertThat(begun.pipeline())
            .filteredOn(name -> !name.equals("Beginning")) // removes itself right after
            .containsExactly("Echo");
        assertThat(begun.peer().address()).isEqualTo(client.socket().getLocalSocketAddress());
        assertThat(begun.peer().secure()).isFalse();
        assertThat(trial.listener().connections()).isEqualTo(1);
      }
      await().atMost(10, SECONDS).until(() -> trial.listener().connections() == 0);
    }
  }

  @Test
  void nio_serves_as_epoll_does() throws IOException {
    try (Trial trial = new Trial(Options.of(Transport.TCP), NioIoHandler.newFactory());
        Wire client = trial.connect()) {
      assertThat(client.send("hello").readText(5)).isEqualTo("hello");
      assertThat(trial.begun().peer().address()).isEqualTo(client.socket().getLocalSocketAddress());
    }
  }

  @Test
  void above_maximum_connections_a_client_reads_the_end_and_no_reset() throws IOException {
    try (Trial trial =
            new Trial(Options.of(Transport.TCP).withLimits(1, 0, Duration.ofSeconds(9)));
        Wire first = trial.connect()) {
      first.send("a").read(1);

      try (Wire second = trial.connect()) {
        assertThat(second.send("a packet that nobody reads").readToEnd()).isEmpty();
      }

      assertThat(first.send("b").readText(1)).isEqualTo("b");
      assertThat(trial.counters().get(Refusal.LIMIT)).isEqualTo(1);
      assertThat(trial.counters().accepted()).isEqualTo(2);
      assertThat(trial.counters().refusedByName()).containsEntry("limit", 1L);
    }
  }

  @Test
  void a_place_that_becomes_free_is_given_again() throws IOException {
    try (Trial trial =
        new Trial(Options.of(Transport.TCP).withLimits(1, 0, Duration.ofSeconds(9)))) {
      try (Wire first = trial.connect()) {
        first.send("a").read(1);
      }
      await().atMost(10, SECONDS).until(() -> trial.listener().connections() == 0);

      try (Wire second = trial.connect()) {
        assertThat(second.send("b").readText(1)).isEqualTo("b");
      }
    }
  }

  @Test
  void above_the_connection_rate_clients_are_refused_until_time_has_passed() throws IOException {
    try (Trial trial =
        new Trial(Options.of(Transport.TCP).withLimits(1000, 2, Duration.ofSeconds(9)))) {
      int served = 0;
      for (int i = 0; i < 6; i++) {
        try (Wire client = trial.connect()) {
          served += client.send("a").readToken();
        }
      }

      long refused = trial.counters().get(Refusal.RATE);
      assertThat(refused).isPositive();
      assertThat(served + refused).isEqualTo(6);
      await()
          .atMost(10, SECONDS)
          .until(
              () -> {
                try (Wire client = trial.connect()) {
                  return client.send("a").readToken() == 1;
                }
              });
    }
  }

  @Test
  void after_stop_accepting_those_that_are_in_are_served_and_nobody_gets_in() throws IOException {
    try (Trial trial = new Trial(Options.of(Transport.TCP));
        Wire client = trial.connect()) {
      client.send("a").read(1);
      int port = trial.port();

      trial.listener().stopAccepting();

      assertThat(client.send("b").readText(1)).isEqualTo("b");
      assertThatThrownBy(() -> Wire.to(port)).hasMessageContaining("refused");
    }
  }

  @Test
  void a_port_in_use_is_named() throws IOException {
    try (ServerSocket taken = new ServerSocket(0)) {
      String bind = "127.0.0.1:" + taken.getLocalPort();

      assertThatThrownBy(() -> new Trial(Options.of(Transport.TCP).withBind(bind)))
          .isInstanceOf(IOException.class)
          .hasMessage(
              "listener trial: cannot bind " + bind + ": another process listens there already");
      assertThatThrownBy(
              () -> new Trial(Options.of(Transport.TCP).withBind(bind), NioIoHandler.newFactory()))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("another process listens there already");
    }
  }

  @Test
  void an_address_of_another_machine_is_named() {
    assertThatThrownBy(() -> new Trial(Options.of(Transport.TCP).withBind("192.0.2.1:0")))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("192.0.2.1:0: this machine has no interface with that address");
  }

  @Test
  void a_host_that_does_not_exist_is_named() {
    assertThatThrownBy(() -> new Trial(Options.of(Transport.TCP).withBind("nowhere.invalid:0")))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("nowhere.invalid:0: no address is known for this host name");
  }

  @Test
  void a_unix_socket_serves_user_and_group_and_is_removed_at_the_end() throws IOException {
    for (var io : java.util.List.of(Sockets.ioHandlers(), NioIoHandler.newFactory())) {
      Path path = directory.resolve("relais.sock");
      try (Trial trial = new Trial(Options.of(Transport.UNIX).withBind(path.toString()), io);
          SocketChannel client = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
        ByteBuffer echo = ByteBuffer.allocate(5);
        client.write(StandardCharsets.US_ASCII.encode("hello"));
        while (echo.hasRemaining() && client.read(echo) >= 0) {}

        assertThat(echo.array()).isEqualTo(Trial.bytes("hello"));
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
            .isEqualTo("rw-rw----");
        assertThat(trial.begun().pipeline()).contains("Echo");
      }

      assertThat(path).doesNotExist();
    }
  }

  @Test
  void a_unix_socket_that_a_dead_process_left_is_replaced() throws IOException {
    Path path = directory.resolve("relais.sock");
    try (ServerSocketChannel dead = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      dead.bind(UnixDomainSocketAddress.of(path));
    }
    assertThat(path).exists();

    try (Trial _ = new Trial(Options.of(Transport.UNIX).withBind(path.toString()));
        SocketChannel client = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
      assertThat(client.isConnected()).isTrue();
    }
  }

  @Test
  void a_unix_socket_that_lives_is_left_alone() throws IOException {
    Path path = directory.resolve("relais.sock");
    try (ServerSocketChannel living = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      living.bind(UnixDomainSocketAddress.of(path));

      assertThatThrownBy(() -> new Trial(Options.of(Transport.UNIX).withBind(path.toString())))
          .isInstanceOf(IOException.class)
          .hasMessageContaining(path + ": the socket is in use by a live process");

      assertThat(path).exists();
    }
  }

  @Test
  void a_file_in_the_place_of_a_unix_socket_is_left_alone() throws IOException {
    Path path = Files.writeString(directory.resolve("relais.sock"), "precious");

    assertThatThrownBy(() -> new Trial(Options.of(Transport.UNIX).withBind(path.toString())))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("there is a file of that name which is no socket");

    assertThat(path).hasContent("precious");
  }

  @Test
  void a_unix_socket_in_no_directory_is_named() {
    Path path = directory.resolve("none").resolve("relais.sock");

    assertThatThrownBy(() -> new Trial(Options.of(Transport.UNIX).withBind(path.toString())))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(path + ": its directory does not exist");
  }
}
