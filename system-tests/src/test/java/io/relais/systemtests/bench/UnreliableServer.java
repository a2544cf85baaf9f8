package io.relais.systemtests.bench;

import io.relais.protocol.MalformedPacket;
import io.relais.protocol.Packet;
import io.relais.protocol.PacketDecoder;
import io.relais.protocol.PacketEncoder;
import io.relais.protocol.Properties;
import io.relais.protocol.ProtocolVersion;
import io.relais.protocol.ReasonCode;
import io.relais.protocol.Sender;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// A server of MQTT 3.1.1 that acknowledges all and passes everything to everybody, but for what it
/// is told to do wrong: of every ten messages it passes the fourth not at all, the seventh twice,
/// and the tenth before the ninth.
///
/// Owner: a thread for each connection; subscribers are written to under the lock.
final class UnreliableServer implements AutoCloseable {
  private static final ProtocolVersion V = ProtocolVersion.MQTT_3_1_1;

  private final ServerSocket server;
  private final Set<Socket> open = new HashSet<>();
  private final List<Socket> subscribers = new ArrayList<>();
  private final List<Packet.Publish> kept = new ArrayList<>();
  private int passed;
  private int packetId;

  UnreliableServer() throws IOException {
    server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().start(this::accept);
  }

  InetSocketAddress address() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), server.getLocalPort());
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        Socket socket = server.accept();
        synchronized (this) {
          open.add(socket);
        }
        Thread.ofVirtual().start(() -> serve(socket));
      } catch (IOException e) {
        if (!server.isClosed()) {
          throw new UncheckedIOException(e);
        }
      }
    }
  }

  private void serve(Socket socket) {
    try (socket) {
      DataInputStream in = new DataInputStream(socket.getInputStream());
      for (Packet packet = read(in); !(packet instanceof Packet.Disconnect); packet = read(in)) {
        onPacket(socket, packet);
      }
    } catch (IOException e) {
      // The client is gone, as clients may.
      synchronized (this) {
        subscribers.remove(socket);
      }
    } catch (MalformedPacket e) {
      throw new AssertionError("the generator sent a malformed packet", e);
    }
  }

  private static Packet read(DataInputStream in) throws IOException, MalformedPacket {
    byte[] packet = new byte[5];
    int length = 0;
    int at = 0;
    do {
      packet[at++] = in.readByte();
      length = PacketDecoder.frameLength(V, packet, 0, at, 1_000_000);
    } while (length == 0);
    byte[] whole = java.util.Arrays.copyOf(packet, length);
    in.readFully(whole, at, length - at);
    return PacketDecoder.decode(V, Sender.CLIENT, whole, 0, length);
  }

  private synchronized void onPacket(Socket socket, Packet packet) throws IOException {
    switch (packet) {
      case Packet.Connect _ ->
          send(socket, new Packet.Connack(false, ReasonCode.SUCCESS, Properties.NONE));
      case Packet.Subscribe subscribe -> {
        subscribers.add(socket);
        send(
            socket,
            new Packet.Suback(
                subscribe.packetId(), Properties.NONE, List.of(ReasonCode.granted(2))));
      }
      case Packet.Publish publish -> {
        switch (publish.qos()) {
          case 1 ->
              send(
                  socket,
                  new Packet.Puback(publish.packetId(), ReasonCode.SUCCESS, Properties.NONE));
          case 2 ->
              send(
                  socket,
                  new Packet.Pubrec(publish.packetId(), ReasonCode.SUCCESS, Properties.NONE));
          default -> {}
        }
        pass(publish);
      }
      case Packet.Pubrel(int id, _, _) ->
          send(socket, new Packet.Pubcomp(id, ReasonCode.SUCCESS, Properties.NONE));
      case Packet.Pubrec(int id, _, _) ->
          send(socket, new Packet.Pubrel(id, ReasonCode.SUCCESS, Properties.NONE));
      default -> {}
    }
  }

  private void pass(Packet.Publish publish) throws IOException {
    switch (++passed % 10) {
      case 4 -> {}
      case 7 -> {
        toAll(publish);
        toAll(publish);
      }
      case 9 -> kept.add(publish);
      case 0 -> {
        toAll(publish);
        toAll(kept.removeFirst());
      }
      default -> toAll(publish);
    }
  }

  private void toAll(Packet.Publish publish) throws IOException {
    for (Socket subscriber : subscribers) {
      packetId = packetId % 65_535 + 1;
      send(
          subscriber,
          new Packet.Publish(
              false,
              publish.qos(),
              false,
              publish.topic(),
              publish.qos() == 0 ? 0 : packetId,
              Properties.NONE,
              publish.payload()));
    }
  }

  private static void send(Socket socket, Packet packet) throws IOException {
    byte[] bytes = new byte[PacketEncoder.size(packet, V)];
    PacketEncoder.write(packet, V, bytes, 0);
    OutputStream out = socket.getOutputStream();
    out.write(bytes);
  }

  @Override
  public synchronized void close() throws IOException {
    server.close();
    for (Socket socket : open) {
      socket.close();
    }
  }
}
