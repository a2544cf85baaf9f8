package io.relais.broker;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.relais.broker.access.Ban;
import io.relais.broker.access.BanList;
import io.relais.broker.access.Client;
import io.relais.broker.access.Policy;
import io.relais.broker.listener.Peer;
import io.relais.broker.listener.TlsSettings;
import io.relais.protocol.AckView;
import io.relais.protocol.MalformedPacket;
import io.relais.protocol.Packet;
import io.relais.protocol.PacketDecoder;
import io.relais.protocol.PacketEncoder;
import io.relais.protocol.PacketType;
import io.relais.protocol.Properties;
import io.relais.protocol.Property;
import io.relais.protocol.ProtocolVersion;
import io.relais.protocol.PublishView;
import io.relais.protocol.ReasonCode;
import io.relais.protocol.Sender;
import io.relais.protocol.SubscriptionFilter;
import io.relais.protocol.Topics;
import io.relais.storage.Command;
import io.relais.storage.Message;
import io.relais.storage.Outcome;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One client's connection: takes its bytes apart into packets, leads it from CONNECT to the end,
/// and is the one place where an error becomes packets. The only inbound handler of a plain TCP
/// channel.
///
/// Bytes are copied behind what was kept of the last read into the loop's array and parsed in
/// place; only a packet that is not whole yet is kept, in an array that grows with what came, so
/// that an announced length costs nothing.
///
/// Owner: its loop. Limits: packets of [ListenerSettings#maximumPacketBytes()], a time for CONNECT,
/// the keep-alive.
final class Connection extends ChannelInboundHandlerAdapter implements Wheel.Timed {
  private static final Logger LOG = LoggerFactory.getLogger(Connection.class);
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final byte[] NONE = {};
  private static final String BANNED = "this client is banned";
  private static final long CLOSE_MILLIS = 2_000;
  private static final int PART_KEPT_BYTES = 256;
  private static final int BEHIND_PART_BYTES = 64 * 1024; // what one read may bring of the next

  /// What reading waits for; bits of `waits`.
  static final int WAITS_FOR_STORE = 1;

  static final int WAITS_FOR_POLICY = 2;
  static final int WAITS_FOR_ACKS = 4;
  static final int WAITS_FOR_RELIEF = 8;
  static final int WAITS_FOR_OUTPUT = 16;
  static final int WAITS_FOR_RATE = 32;

  private enum Phase {
    /// before CONNECT
    WAITING,
    /// CONNECT came; authentication and the claim are under way
    OPENING,
    OPEN,
    /// said goodbye; what still comes is thrown away
    CLOSING,
    CLOSED
  }

  private final Services services;
  private final Loop loop;
  private final OpenListener via;
  private final AckLevel ackLevel;
  private @Nullable ChannelHandlerContext context;
  private @Nullable Outbox outbox;
  private @Nullable Peer peer;
  private Phase phase = Phase.WAITING;
  private ProtocolVersion version = ProtocolVersion.MQTT_3_1_1;

  // Reading.
  private byte[] part = NONE; // borrowed
  private int partLength;
  private int partNeeds; // bytes of the packet that it begins with; 0: not known, or whole
  private int waits;
  private boolean parsing;
  private boolean stopped; // reading the socket
  private int packetBytesMax;

  // Deadlines, log time.
  private long openedMillis;
  private long lastReadMillis;
  private long closingMillis;
  private int keepAliveSeconds;
  private long connectTimeoutMillis;

  // After CONNECT.
  private Packet.@Nullable Connect connect;
  private @Nullable Client client;
  private @Nullable Session session;
  private @Nullable Session before; // whose end the new one waits for
  private boolean assignedId;
  private boolean willDenied;
  private @Nullable Throttle throttle; // null: it may be as fast as it likes
  private int outgoingBytesMax = Integer.MAX_VALUE;
  private boolean wantsProblems = true;
  private final Login login;
  private @Nullable Probe probe; // while somebody watches this client

  // The end.
  private boolean willGoes = true;
  private boolean shuttingDown;
  private boolean claiming; // the claim is on its way
  private boolean ending;
  private boolean accepted;
  private @Nullable ReasonCode goneFor; // null: the connection broke off
  private long newExpirySeconds = -1;
  private boolean ended;
  private final List<Runnable> afterEnd = new ArrayList<>(0);

  Connection(Services services, Loop loop, OpenListener via) {
    this.services = services;
    this.loop = loop;
    this.via = via;
    this.ackLevel = via.ackLevel();
    this.login = new Login(services.authentication(), loop, this);
  }

  // ---- Netty's side

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    context = ctx;
    if (ctx.channel().isActive()) {
      start(ctx);
    }
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    start(ctx);
  }

  private void start(ChannelHandlerContext ctx) {
    if (outbox != null) {
      return;
    }
    Peer from = ctx.channel().attr(Peer.KEY).get();
    peer = from;
    outbox = new Outbox(loop, ctx.channel());
    packetBytesMax = from.listener().maximumPacketBytes();
    loop.updateTime();
    openedMillis = loop.nowMillis();
    lastReadMillis = openedMillis;
    Long deadlineNanos = ctx.channel().attr(Peer.CONNECT_DEADLINE_NANOS).get();
    connectTimeoutMillis =
        deadlineNanos == null
            ? from.listener().connectTimeout().toMillis()
            : Math.max(1, (deadlineNanos - System.nanoTime()) / 1_000_000);
    loop.connections().add(this);
    loop.counters().increment(Counter.CONNECTIONS_OPENED);
    services.connectionCount().incrementAndGet();
    loop.wheel().add(this, openedMillis);
    if (via.isClosed()) { // during the handshake
      closeNow();
    }
  }

  OpenListener via() {
    return via;
  }

  /// The listener that it came through is no more, or becomes another one.
  void onListenerClosed() {
    disconnect(ReasonCode.ADMINISTRATIVE_ACTION, "the listener was closed or changed");
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object received) {
    ByteBuf in = (ByteBuf) received;
    int n = in.readableBytes();
    try {
      if (phase == Phase.CLOSING || phase == Phase.CLOSED) {
        return;
      }
      loop.updateTime();
      lastReadMillis = loop.nowMillis();
      loop.counters().add(Counter.BYTES_RECEIVED, n);
      byte[] array = loop.input();
      int all = partLength + n;
      if (waits != 0 || parsing || all > array.length || all < partNeeds) {
        keep(in, n);
        if (waits == 0 && !parsing) {
          parsePart();
        }
        return;
      }
      System.arraycopy(part, 0, array, 0, partLength);
      in.readBytes(array, partLength, n);
      int used = parse(array, all);
      keepRest(array, used, all);
    } finally {
      in.release();
    }
  }

  /// Appends to the kept part, which grows with what came and not with what was announced: to all
  /// of it only when a quarter is there.
  private void keep(ByteBuf in, int n) {
    int all = partLength + n;
    if (all > part.length) {
      boolean jumps = all < partNeeds && partNeeds / 4 <= all;
      int wanted = jumps ? partNeeds + BEHIND_PART_BYTES : Math.min(2 * partLength, 1 << 28);
      byte[] larger = loop.borrow(Math.max(all, wanted));
      System.arraycopy(part, 0, larger, 0, partLength);
      replacePart(larger);
    }
    in.readBytes(part, partLength, n);
    partLength = all;
  }

  private void replacePart(byte[] by) {
    if (part.length > 0) {
      loop.giveBack(part);
    }
    part = by;
  }

  private void parsePart() {
    if (partLength < partNeeds) {
      return;
    }
    byte[] array = part;
    int end = partLength;
    int used = parse(array, end);
    keepRest(array, used, end);
  }

  private void keepRest(byte[] array, int used, int end) {
    int rest = end - used;
    if (rest == 0 || phase == Phase.CLOSING || phase == Phase.CLOSED) {
      dropPart();
      return;
    }
    if (array == part) {
      // A large packet that is still coming stays where it is; a small rest moves to its size.
      if (used > 0) {
        byte[] moved = loop.borrow(rest);
        System.arraycopy(array, used, moved, 0, rest);
        replacePart(moved);
      }
    } else {
      if (rest > part.length || part.length > 4 * Math.max(rest, PART_KEPT_BYTES)) {
        replacePart(loop.borrow(rest));
      }
      System.arraycopy(array, used, part, 0, rest);
    }
    partLength = rest;
  }

  private void dropPart() {
    replacePart(NONE);
    partLength = 0;
    partNeeds = 0;
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    if (phase == Phase.OPEN && waits == 0) {
      if (outbox != null && outbox.isBlocked()) {
        pause(WAITS_FOR_OUTPUT); // it does not take its acks: let it wait
      } else if (loop.isOverloaded()) {
        pause(WAITS_FOR_RELIEF);
        loop.hold(this);
      }
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    if (ctx.channel().isWritable()) {
      resume(WAITS_FOR_OUTPUT);
      if (session != null && phase == Phase.OPEN) {
        session.outbound().drain();
      }
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    closed();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    if (cause instanceof IOException) {
      LOG.debug("{} went away: {}", who(), cause.toString());
    } else {
      LOG.error("{} is closed after an error of ours", who(), cause);
    }
    ctx.close();
  }

  // ---- what reading waits for

  void pause(int reason) {
    waits |= reason;
    if (context != null && !stopped) {
      stopped = true;
      context.channel().config().setAutoRead(false);
    }
  }

  private void readOn() {
    if (stopped && waits == 0 && context != null) {
      stopped = false;
      context.channel().config().setAutoRead(true);
    }
  }

  void resume(int reason) {
    if ((waits & reason) == 0) {
      return;
    }
    waits &= ~reason;
    if (waits != 0 || parsing || phase == Phase.CLOSED || context == null) {
      return;
    }
    if (partLength > 0 && phase != Phase.CLOSING) {
      parsePart();
    }
    readOn();
  }

  @Nullable Session session() {
    return session;
  }

  /// Log time.
  long openedMillis() {
    return openedMillis;
  }

  int keepAliveSeconds() {
    return keepAliveSeconds;
  }

  /// What acks to this client stand for, where no rule says otherwise.
  AckLevel ackLevel() {
    return ackLevel;
  }

  /// The largest payload that this listener takes, bytes.
  int payloadBytesMax() {
    return packetBytesMax == BrokerSettings.PACKET_BYTES_MAX
        ? packetBytesMax
        : packetBytesMax - BrokerSettings.PACKET_OVERHEAD_BYTES;
  }

  void onRelief() {
    resume(WAITS_FOR_RELIEF);
  }

  // ---- rates

  private void onPublish(Throttle by, int bytes) {
    long millis = by.onPublish(bytes, loop.nowMillis());
    if (millis > 0) {
      loop.counters().increment(Counter.RATE_LIMITED_READS);
      pause(WAITS_FOR_RATE);
      readOnAfter(millis);
    }
  }

  private void readOnAfter(long millis) {
    var _ = loop.eventLoop().schedule(this::onRateWaited, millis, TimeUnit.MILLISECONDS);
  }

  private void onRateWaited() {
    if ((waits & WAITS_FOR_RATE) == 0) {
      return; // it is over
    }
    loop.updateTime();
    long more = throttle == null ? 0 : throttle.moreMillis(loop.nowMillis());
    if (more > 0) {
      readOnAfter(more);
    } else {
      resume(WAITS_FOR_RATE);
    }
  }

  /// Whether the rates allow one filter more to be subscribed to; takes it.
  boolean maySubscribe() {
    return throttle == null || throttle.maySubscribe(loop.nowMillis());
  }

  private void useThrottle(Client by) {
    dropThrottle();
    throttle = services.rates().throttle(by, loop);
  }

  private void dropThrottle() {
    if (throttle != null) {
      throttle.release(loop.nowMillis());
      throttle = null;
    }
  }

  /// @param whose rate is exceeded; null: nobody's
  /// @return whether it is refused
  private boolean refuseIfTooFast(@Nullable String whose) {
    if (whose == null) {
      return false;
    }
    loop.counters().increment(Counter.RATE_LIMITED_CONNECTS);
    refuse(
        ReasonCode.CONNECTION_RATE_EXCEEDED,
        "the rate of connections is exceeded (limits.rates." + whose + ")");
    return true;
  }

  // ---- deadlines

  @Override
  public long deadlineMillis() {
    return switch (phase) {
      case WAITING, OPENING -> openedMillis + connectTimeoutMillis;
      case OPEN -> Math.min(keepAliveMillis(), expiresAtMillis());
      case CLOSING -> closingMillis + CLOSE_MILLIS;
      case CLOSED -> Long.MAX_VALUE;
    };
  }

  private long keepAliveMillis() {
    return keepAliveSeconds == 0 ? Long.MAX_VALUE : lastReadMillis + keepAliveSeconds * 1500L;
  }

  /// When what the client logged in with holds no longer.
  private long expiresAtMillis() {
    return client == null ? Long.MAX_VALUE : client.grant().expiresAtMillis();
  }

  @Override
  public void onDeadline() {
    switch (phase) {
      case WAITING, OPENING -> {
        LOG.debug("{} sent no complete CONNECT in time", who());
        closeNow(); // [MQTT-3.14.0-1]
      }
      case OPEN -> {
        if (loop.nowMillis() >= expiresAtMillis()) {
          LOG.debug("{} is closed: what it logged in with has expired", who());
          disconnect(ReasonCode.NOT_AUTHORIZED, "what the client logged in with has expired");
          return;
        }
        if (waits != 0) {
          lastReadMillis = loop.nowMillis(); // it is us who do not read
          loop.wheel().add(this, loop.nowMillis());
          return;
        }
        loop.counters().increment(Counter.KEEP_ALIVE_TIMEOUTS);
        // [MQTT-3.1.2-22]
        disconnect(ReasonCode.KEEP_ALIVE_TIMEOUT, "nothing came for 1.5 times the keep-alive");
      }
      case CLOSING -> closeNow();
      case CLOSED -> {}
    }
  }

  // ---- packets

  /// Takes all whole packets. The one catch for what a peer does wrong.
  ///
  /// @return where the first packet begins that is not whole
  private int parse(byte[] array, int end) {
    int at = 0;
    parsing = true;
    partNeeds = 0;
    try {
      while (waits == 0 && phase != Phase.CLOSING && phase != Phase.CLOSED && at < end) {
        if (phase == Phase.WAITING && (array[at] & 0xF0) != 0x10) { // [MQTT-3.1.0-1]
          LOG.debug("{} began with something other than CONNECT", who());
          loop.counters().increment(Counter.MALFORMED_PACKETS);
          closeNow();
          break;
        }
        int length = PacketDecoder.frameLength(version, array, at, end, packetBytesMax);
        if (length == 0 || length > end - at) {
          partNeeds = length;
          break;
        }
        loop.counters().increment(Counter.PACKETS_RECEIVED);
        if (probe != null) {
          probe.received(array, at, at + length);
        }
        handle(array, at, at + length);
        at += length;
      }
    } catch (MalformedPacket e) {
      onMalformed(e, array, at, end);
    } finally {
      parsing = false;
    }
    readOn();
    return at;
  }

  private void handle(byte[] array, int at, int end) throws MalformedPacket {
    int type = array[at] >> 4 & 15;
    if (phase == Phase.OPEN && session != null) {
      if (type == PacketType.PUBLISH.number()) {
        PublishView view = loop.publishView();
        PacketDecoder.publish(version, Sender.CLIENT, array, at, end, view);
        session.inbound().accept(view);
        if (throttle != null) {
          onPublish(throttle, end - at);
        }
        return;
      }
      if (type >= PacketType.PUBACK.number() && type <= PacketType.PUBCOMP.number()) {
        AckView ack = loop.ackView();
        PacketDecoder.ack(version, array, at, end, ack);
        onAck(session, ack);
        return;
      }
    }
    Packet packet = PacketDecoder.decode(version, Sender.CLIENT, array, at, end);
    if (packet instanceof Packet.Connect said && phase == Phase.WAITING) {
      version = said.version();
      connect = said;
      lookForWatches();
      if (probe != null) {
        probe.received(array, at, end);
      }
    }
    tell(TimelineEntry.Direction.IN, packet, end - at);
    onPacket(packet);
  }

  private static void onAck(Session session, AckView ack) {
    int packetId = ack.packetId();
    switch (ack.type()) {
      case PUBACK -> session.outbound().onPuback(packetId);
      case PUBREC -> session.outbound().onPubrec(packetId, ack.reasonCode());
      case PUBREL -> session.inbound().onPubrel(packetId);
      case PUBCOMP -> session.outbound().onPubcomp(packetId);
      default -> throw new IllegalStateException(ack.type() + " is not an acknowledgement");
    }
  }

  private void onPacket(Packet packet) throws MalformedPacket {
    if (packet instanceof Packet.Connect said) {
      if (phase != Phase.WAITING) { // [MQTT-3.1.0-2]
        throw new MalformedPacket(ReasonCode.PROTOCOL_ERROR, "CONNECT came a second time");
      }
      onConnect(said);
      return;
    }
    if (phase == Phase.OPENING) {
      onWhileOpening(packet);
      return;
    }
    switch (packet) {
      case Packet.Subscribe subscribe -> onSubscribe(subscribe);
      case Packet.Unsubscribe unsubscribe -> onUnsubscribe(unsubscribe);
      case Packet.Pingreq() -> send(new Packet.Pingresp());
      case Packet.Disconnect disconnect -> onDisconnect(disconnect);
      case Packet.Auth auth -> onAuth(auth);
      case Packet.Connect c -> throw new IllegalStateException("handled above: " + c);
      case Packet.Publish p -> throw new IllegalStateException("handled as a view: " + p);
      case Packet.Puback p -> throw new IllegalStateException("handled as a view: " + p);
      case Packet.Pubrec p -> throw new IllegalStateException("handled as a view: " + p);
      case Packet.Pubrel p -> throw new IllegalStateException("handled as a view: " + p);
      case Packet.Pubcomp p -> throw new IllegalStateException("handled as a view: " + p);
      case Packet.Connack p -> throw fromServer(p);
      case Packet.Suback p -> throw fromServer(p);
      case Packet.Unsuback p -> throw fromServer(p);
      case Packet.Pingresp p -> throw fromServer(p);
    }
  }

  private static MalformedPacket fromServer(Packet packet) {
    return new MalformedPacket(ReasonCode.PROTOCOL_ERROR, "Only a server sends " + packet.type());
  }

  /// Before CONNACK only AUTH and DISCONNECT are taken. [MQTT-3.1.2-30]
  private void onWhileOpening(Packet packet) throws MalformedPacket {
    switch (packet) {
      case Packet.Auth auth when login.awaitsAuth() -> login.onContinue(auth);
      case Packet.Disconnect _ -> closeNow();
      default ->
          throw new MalformedPacket(
              ReasonCode.PROTOCOL_ERROR, packet.type() + " came before CONNACK");
    }
  }

  // ---- CONNECT

  private void onConnect(Packet.Connect said) {
    phase = Phase.OPENING;
    Properties properties = said.properties();
    outgoingBytesMax =
        (int)
            Math.min(
                properties.longValue(Property.MAXIMUM_PACKET_SIZE, Integer.MAX_VALUE),
                Integer.MAX_VALUE);
    wantsProblems = properties.intValue(Property.REQUEST_PROBLEM_INFORMATION, 1) == 1;
    BrokerSettings settings = services.settings();
    if (settings.redirectTo() != null) {
      redirect(settings.redirectTo(), settings.redirectForGood());
      return;
    }
    if (services.connectionCount().get() > settings.connectionsMax()) {
      refuse(
          ReasonCode.QUOTA_EXCEEDED,
          "The limit of " + settings.connectionsMax() + " connections is reached");
      return;
    }
    String clientId = said.clientId();
    if (clientId.isEmpty()) { // where the version allows it, which the decoder looks at
      clientId = assignedId(); // [MQTT-3.1.3-6] [MQTT-3.2.2-16]
      assignedId = true;
    }
    if (clientId.getBytes(StandardCharsets.UTF_8).length > settings.clientIdBytesMax()) {
      // [MQTT-3.1.3-8]
      refuse(
          ReasonCode.CLIENT_IDENTIFIER_NOT_VALID,
          "the client id is longer than %d bytes (limits.client-id-bytes)"
              .formatted(settings.clientIdBytesMax()));
      return;
    }
    Packet.Will will = said.will();
    if (will != null
        && (Topics.problemWithName(will.topic()) != null
            || Topics.levels(will.topic()) > settings.topicLevelsMax())) {
      refuse(ReasonCode.TOPIC_NAME_INVALID, "the will's topic is not one to publish to");
      return;
    }
    if (will != null && will.qos() > settings.qosMax()) { // [MQTT-3.2.2-12]
      refuse(
          ReasonCode.QOS_NOT_SUPPORTED, "the will's QoS is above the maximum " + settings.qosMax());
      return;
    }
    if (peer == null) {
      throw new IllegalStateException("A packet came before the connection was active");
    }
    Client asking =
        new Client(
            clientId,
            null,
            version,
            peer.address(),
            peer.certificate(),
            peer.listener().name(),
            peer.listener().allowAnonymous());
    client = asking;
    loop.updateTime();
    if (refuseIfBanned(services.bans().now().ofAddress(peer.address(), loop.nowMillis()))) {
      return; // before anything is asked or hashed
    }
    if (refuseIfTooFast(services.rates().exceededBeforeLogin(asking, loop.nowMillis()))) {
      return;
    }
    login.begin(asking, said, certificateName(peer));
  }

  /// The user name in the client's certificate, on listeners that go by it.
  private static @Nullable String certificateName(Peer peer) {
    TlsSettings tls = peer.listener().tls();
    return tls == null ? null : tls.usernameFrom().of(peer.certificate());
  }

  /// 22 characters of 128 random bits.
  private static String assignedId() {
    byte[] bits = new byte[16];
    RANDOM.nextBytes(bits);
    return "relais-"
        + Base64.getUrlEncoder().withoutPadding().encodeToString(bits).replace('-', '.');
  }

  boolean isOpening() {
    return phase == Phase.OPENING;
  }

  boolean isOpen() {
    return phase == Phase.OPEN;
  }

  @Nullable Client client() {
    return client;
  }

  /// @param why for the log; the client is told no more than that it was refused
  void onLoginRefused(ReasonCode reason, String why) {
    LOG.debug("{} is refused: {}", who(), why);
    note("refused: " + why);
    refuse(reason, reason == ReasonCode.SERVER_BUSY ? why : "the log-in was refused");
  }

  void onReauthenticated(Client as) {
    Client known = withGroups(as);
    become(known);
    lookForWatches();
    if (session != null) {
      useThrottle(known);
    }
    onBans(services.bans().now());
  }

  private void become(Client as) {
    client = as;
    if (session != null) {
      session.onReauthenticated(as);
    }
  }

  /// With the groups that the state has for its user. Read here, on the loop, so that a change
  /// which comes meanwhile finds either the user unread or the client known.
  private Client withGroups(Client who) {
    String username = who.username();
    return who.grant().ofStoredUser() && username != null
        ? who.with(username, who.grant().ofUserIn(services.door().users().groups(username)))
        : who;
  }

  /// The groups of users are others now.
  void onUsersChanged(Set<String> usernames) {
    Client who = client;
    if (who == null || phase != Phase.OPENING && phase != Phase.OPEN) {
      return;
    }
    String username = who.username();
    if (who.grant().ofStoredUser() && username != null && usernames.contains(username)) {
      become(withGroups(who));
    }
  }

  /// The client is who it says.
  void onAdmitted(Client authenticated) {
    Client admitted = withGroups(authenticated);
    client = admitted;
    lookForWatches();
    loop.updateTime();
    if (refuseIfBanned(services.bans().now().of(admitted, loop.nowMillis()))
        || refuseIfTooFast(services.rates().exceededAfterLogin(admitted, loop.nowMillis()))) {
      return;
    }
    pause(WAITS_FOR_STORE);
    Policy.Verdict verdict =
        services
            .policy()
            .mayConnect(admitted, later -> loop.eventLoop().execute(() -> onConnectVerdict(later)));
    if (verdict != Policy.Verdict.LATER) {
      onConnectVerdict(verdict);
    }
  }

  /// Other bans hold now; a client that is banned goes.
  void onBans(BanList bans) {
    Client who = client;
    if (who == null || phase != Phase.OPENING && phase != Phase.OPEN) {
      return;
    }
    loop.updateTime();
    Ban ban = bans.of(who, loop.nowMillis());
    if (phase == Phase.OPENING) {
      refuseIfBanned(ban);
    } else if (ban != null) {
      LOG.debug("{} is disconnected: it is banned now ({})", who(), ban.kind());
      gone(ReasonCode.BANNED); // which no DISCONNECT may say
      disconnect(ReasonCode.ADMINISTRATIVE_ACTION, BANNED);
    }
  }

  /// @param ban null: none holds
  /// @return whether it is refused
  private boolean refuseIfBanned(@Nullable Ban ban) {
    if (ban == null) {
      return false;
    }
    LOG.debug("{} is banned ({})", who(), ban.kind());
    loop.counters().increment(Counter.BANNED_CONNECTS);
    willGoes = false; // it never was connected
    refuse(ReasonCode.BANNED, BANNED);
    return true;
  }

  private void onConnectVerdict(Policy.Verdict verdict) {
    if (phase != Phase.OPENING) {
      return;
    }
    if (verdict != Policy.Verdict.ALLOW) {
      refuse(ReasonCode.NOT_AUTHORIZED, "this client may not connect");
      return;
    }
    if (connect == null || connect.will() == null || client == null) {
      openSession();
      return;
    }
    Packet.Will will = rewritten(connect.will(), client);
    if (will == null) {
      onWillVerdict(Policy.Verdict.DENY);
      return;
    }
    connect = withWill(connect, will);
    if (Topics.isReserved(will.topic())) {
      onWillVerdict(Policy.Verdict.DENY); // a bridge's state, for example
      return;
    }
    Policy.Verdict ofWill =
        services
            .policy()
            .mayPublish(
                client,
                will.topic(),
                will.qos(),
                will.retain(),
                later -> loop.eventLoop().execute(() -> onWillVerdict(later)));
    if (ofWill != Policy.Verdict.LATER) {
      onWillVerdict(ofWill);
    }
  }

  /// @return null: a rule speaks of its topic, and cannot rewrite it
  private Packet.@Nullable Will rewritten(Packet.Will will, Client by) {
    return switch (services.rewrites().now().ofTopic(will.topic(), by)) {
      case Rewrites.Outcome.Same() -> will;
      case Rewrites.Outcome.Other(String topic, int _) ->
          Topics.levels(topic) > services.settings().topicLevelsMax()
              ? null
              : new Packet.Will(
                  topic, will.payload(), will.qos(), will.retain(), will.properties());
      case Rewrites.Outcome.Refused _ -> null;
    };
  }

  private static Packet.Connect withWill(Packet.Connect said, Packet.Will will) {
    return new Packet.Connect(
        said.version(),
        said.bridge(),
        said.cleanStart(),
        said.keepAliveSeconds(),
        said.properties(),
        said.clientId(),
        will,
        said.username(),
        said.password());
  }

  /// A will that its client may not publish is not taken along; the connection is.
  private void onWillVerdict(Policy.Verdict verdict) {
    if (phase != Phase.OPENING) {
      return;
    }
    if (verdict != Policy.Verdict.ALLOW) {
      LOG.debug("{} may not publish its will, which is left out", who());
      note("its will is left out: it may not publish to that topic");
      loop.counters().increment(Counter.PUBLISH_REFUSED);
      willDenied = true;
    }
    openSession();
  }

  private void openSession() {
    Packet.Connect said = connect;
    if (said == null || client == null || outbox == null) {
      throw new IllegalStateException("No CONNECT to go on with");
    }
    long expiry = expirySeconds(said);
    boolean transientSession = said.cleanStart() && expiry == 0;
    Session opening =
        new Session(services, loop, this, outbox, said, client, !transientSession, expiry);
    session = opening;
    Session there = services.directory().put(opening);
    if (there == null) {
      claim(opening, said);
      return;
    }
    // [MQTT-3.1.4-3]: the old connection ends first
    before = there;
    there
        .loop()
        .eventLoop()
        .execute(
            () ->
                there
                    .connection()
                    .endFor(() -> loop.eventLoop().execute(() -> onBeforeEnded(opening, said))));
  }

  private void onBeforeEnded(Session opening, Packet.Connect said) {
    before = null;
    if (ending) {
      finishEnd(); // it went away meanwhile
    } else {
      claim(opening, said);
    }
  }

  /// The session expiry that holds: what the client asks for, within the bound.
  private long expirySeconds(Packet.Connect said) {
    long most = services.settings().sessionExpirySecondsMax();
    long asked =
        said.version().isV5()
            ? said.properties().longValue(Property.SESSION_EXPIRY_INTERVAL, 0)
            : said.cleanStart() ? 0 : Command.NEVER;
    return Math.min(asked, most);
  }

  private void claim(Session opening, Packet.Connect said) {
    Packet.Will will = willDenied ? null : said.will();
    boolean needed =
        opening.isPersistent() || will != null || services.door().hasSession(opening.clientId());
    if (!needed) {
      opening.open();
      accept(opening, said, false);
      return;
    }
    loop.lane()
        .submit(
            new Command.Claim(
                opening.clientId(),
                services.door().node(),
                services.door().incarnation(),
                said.cleanStart(),
                opening.isPersistent(),
                opening.expirySeconds(),
                opening.outbound().windowMax(),
                will == null ? null : stored(will, opening.clientId())),
            outcome -> {
              if (!(outcome instanceof Outcome.Claimed claimed)) {
                throw new IllegalStateException("Claim came to " + outcome);
              }
              opening.open(claimed);
              claiming = false;
              if (ending) {
                finishEnd(); // it went away meanwhile
              } else {
                accept(opening, said, claimed.sessionPresent());
              }
            });
    claiming = true;
  }

  private static Command.StoredWill stored(Packet.Will will, String clientId) {
    Properties properties = will.properties();
    List<Properties.Entry> forwarded =
        properties.entries().stream()
            .filter(
                e ->
                    e.property() != Property.WILL_DELAY_INTERVAL
                        && e.property() != Property.MESSAGE_EXPIRY_INTERVAL)
            .toList();
    String topic = will.topic();
    var message =
        new Message(
            topic,
            topic.getBytes(StandardCharsets.UTF_8),
            will.payload(),
            PacketEncoder.properties(Properties.of(forwarded)), // [MQTT-3.1.3-10]
            will.qos(),
            will.retain(),
            0,
            clientId);
    return new Command.StoredWill(
        message,
        properties.longValue(Property.WILL_DELAY_INTERVAL, 0),
        properties.longValue(Property.MESSAGE_EXPIRY_INTERVAL, -1));
  }

  private void accept(Session opened, Packet.Connect said, boolean sessionPresent) {
    loop.updateTime();
    if (refuseIfBanned(services.bans().now().of(opened.client(), loop.nowMillis()))) {
      return; // since it was looked at first, when the directory did not have it yet
    }
    phase = Phase.OPEN;
    accepted = true;
    connect = null;
    useThrottle(opened.client());
    lookForWatches(); // what was looked at before may be out of date
    loop.counters().increment(Counter.CONNECTIONS_ACCEPTED);
    BrokerSettings settings = services.settings();
    int most = settings.keepAliveSecondsMax();
    int asked = said.keepAliveSeconds();
    keepAliveSeconds = most > 0 && (asked == 0 || asked > most) ? most : asked;
    Properties properties =
        version.isV5()
            ? connackProperties(opened, said, keepAliveSeconds != asked)
            : Properties.NONE;
    if (!version.isV5()) {
      keepAliveSeconds = asked; // 3.x clients cannot be told another
    }
    answer(new Packet.Connack(sessionPresent, ReasonCode.SUCCESS, properties));
    if (deadlineMillis() < openedMillis + connectTimeoutMillis) {
      loop.wheel().add(this, loop.nowMillis()); // else it is looked at then
    }
    services.events().connected(loop, opened.client());
    services.flapping().onConnected(opened.clientId());
    opened.outbound().drain();
    resume(WAITS_FOR_STORE);
  }

  private Properties connackProperties(
      Session opened, Packet.Connect said, boolean otherKeepAlive) {
    BrokerSettings settings = services.settings();
    Properties.Builder properties = Properties.builder();
    long asked = said.properties().longValue(Property.SESSION_EXPIRY_INTERVAL, 0);
    if (opened.expirySeconds() != asked) {
      properties.add(Property.SESSION_EXPIRY_INTERVAL, opened.expirySeconds());
    }
    if (settings.receiveMaximum() < 65_535) {
      properties.add(Property.RECEIVE_MAXIMUM, settings.receiveMaximum());
    }
    if (settings.qosMax() < 2) { // [MQTT-3.2.2-9]
      properties.add(Property.MAXIMUM_QOS, settings.qosMax());
    }
    properties.add(Property.MAXIMUM_PACKET_SIZE, (long) packetBytesMax);
    if (assignedId) { // [MQTT-3.1.3-7]
      properties.add(Property.ASSIGNED_CLIENT_IDENTIFIER, opened.clientId());
    }
    if (settings.topicAliasMax() > 0) {
      properties.add(Property.TOPIC_ALIAS_MAXIMUM, settings.topicAliasMax());
    }
    if (otherKeepAlive) {
      properties.add(Property.SERVER_KEEP_ALIVE, keepAliveSeconds);
    }
    if (settings.responseInformation() != null
        && said.properties().intValue(Property.REQUEST_RESPONSE_INFORMATION, 0) == 1) {
      String prefix = settings.responseInformation();
      String own = (prefix.endsWith("/") ? prefix : prefix + "/") + opened.clientId();
      properties.add(Property.RESPONSE_INFORMATION, own); // [MQTT-3.1.2-28]
    }
    login.addTo(properties);
    return properties.build();
  }

  private void redirect(String reference, boolean forGood) {
    ReasonCode reason = forGood ? ReasonCode.SERVER_MOVED : ReasonCode.USE_ANOTHER_SERVER;
    refuse(
        reason, "served elsewhere", Properties.builder().add(Property.SERVER_REFERENCE, reference));
  }

  // ---- SUBSCRIBE, UNSUBSCRIBE, DISCONNECT

  private void onSubscribe(Packet.Subscribe subscribe) throws MalformedPacket {
    if (session == null || client == null) {
      throw new IllegalStateException("SUBSCRIBE without a session");
    }
    var request = new SubscribeRequest(services, session, client, version, subscribe);
    pause(WAITS_FOR_STORE);
    request.run(
        loop,
        suback -> {
          if (phase == Phase.OPEN) {
            answer(suback);
            resume(WAITS_FOR_STORE);
          }
        });
  }

  private void onAuth(Packet.Auth auth) throws MalformedPacket {
    if (client == null) {
      throw new IllegalStateException("AUTH without a client");
    }
    login.onAuth(auth, client);
  }

  private void onUnsubscribe(Packet.Unsubscribe unsubscribe) {
    if (session == null) {
      throw new IllegalStateException("UNSUBSCRIBE without a session");
    }
    List<SubscriptionFilter> filters = new ArrayList<>(unsubscribe.filters().size());
    List<ReasonCode> reasons = new ArrayList<>(unsubscribe.filters().size());
    for (String text : unsubscribe.filters()) {
      try {
        SubscriptionFilter filter = SubscriptionFilter.parse(text);
        switch (services.rewrites().now().ofFilter(filter, session.client())) {
          case Rewrites.Outcome.Same() -> {
            filters.add(filter);
            reasons.add(ReasonCode.SUCCESS);
          }
          case Rewrites.Outcome.Other(String other, int _) -> {
            filters.add(Rewrites.with(filter, other));
            reasons.add(ReasonCode.SUCCESS);
          }
          case Rewrites.Outcome.Refused _ -> reasons.add(ReasonCode.TOPIC_FILTER_INVALID);
        }
      } catch (MalformedPacket e) {
        reasons.add(e.reason());
      }
    }
    pause(WAITS_FOR_STORE);
    session.unsubscribe(
        filters,
        existed -> {
          int next = 0;
          for (int i = 0; i < reasons.size(); i++) {
            if (!reasons.get(i).isError() && !existed.get(next++)) {
              reasons.set(i, ReasonCode.NO_SUBSCRIPTION_EXISTED);
            }
          }
          if (phase == Phase.OPEN) {
            // [MQTT-3.10.4-4] [MQTT-3.10.4-5]
            answer(new Packet.Unsuback(unsubscribe.packetId(), Properties.NONE, reasons));
            resume(WAITS_FOR_STORE);
          }
        });
  }

  private void onDisconnect(Packet.Disconnect said) throws MalformedPacket {
    long expiry = said.properties().longValue(Property.SESSION_EXPIRY_INTERVAL, -1);
    if (expiry > 0 && session != null && session.expirySeconds() == 0) {
      throw new MalformedPacket(
          ReasonCode.PROTOCOL_ERROR, "DISCONNECT sets a session expiry although CONNECT had none");
    }
    if (expiry >= 0) {
      newExpirySeconds = Math.min(expiry, services.settings().sessionExpirySecondsMax());
    }
    willGoes = said.reason() != ReasonCode.SUCCESS; // [MQTT-3.14.4-3]
    gone(said.reason() == ReasonCode.SUCCESS ? said.reason() : ReasonCode.DISCONNECT_WITH_WILL);
    phase = Phase.CLOSING;
    if (outbox != null) {
      outbox.flush(); // what it is owed for the packets before
    }
    endSession(); // first: who sees the connection close finds the session left
    closeNow();
  }

  // ---- what goes out

  /// Sends a packet of those that stand in the timeline of each client.
  void answer(Packet packet) {
    Packet sent = write(packet);
    if (sent != null) {
      tell(TimelineEntry.Direction.OUT, sent, PacketEncoder.size(sent, version));
    }
  }

  void send(Packet packet) {
    var _ = write(packet);
  }

  /// Sends a packet, without what the client did not want or cannot take.
  ///
  /// @return what was sent; null: nothing
  private @Nullable Packet write(Packet packet) {
    Outbox to = outbox;
    if (to == null || phase == Phase.CLOSED) {
      return null;
    }
    Packet sent = packet;
    if (version.isV5()) {
      // [MQTT-3.1.2-29]
      if (!wantsProblems && !(packet instanceof Packet.Connack) && !isDisconnect(packet)) {
        sent = Replies.withoutProblems(sent);
      }
      if (PacketEncoder.size(sent, version) > outgoingBytesMax) {
        sent = Replies.withoutProblems(sent);
        if (PacketEncoder.size(sent, version) > outgoingBytesMax) {
          LOG.debug("{} takes no packet as large as {}", who(), packet.type());
          return null;
        }
      }
    }
    to.write(sent, version);
    return sent;
  }

  private static boolean isDisconnect(Packet packet) {
    return packet instanceof Packet.Disconnect;
  }

  // ---- the end

  private void onMalformed(MalformedPacket e, byte[] array, int at, int end) {
    loop.counters().increment(Counter.MALFORMED_PACKETS);
    LOG.debug("{} is closed: {} ({})", who(), e.getMessage(), e.reason());
    note("broke the protocol: " + e.getMessage());
    switch (phase) {
      case WAITING -> {
        // An answer only where the client can read it, and never a positive one.
        int level = PacketDecoder.connectLevel(array, at, end);
        if (level < 0) {
          closeNow(); // [MQTT-3.1.2-1]
        } else {
          version =
              switch (level) {
                case 3 -> ProtocolVersion.MQTT_3_1;
                case 0, 1, 2, 4 -> ProtocolVersion.MQTT_3_1_1;
                default -> ProtocolVersion.MQTT_5;
              };
          refuse(
              e.reason(), null); // [MQTT-3.1.2-2] [v3:MQTT-3.1.4-1]; how much it takes is unknown
        }
      }
      case OPENING -> refuse(e.reason(), e.getMessage());
      case OPEN -> disconnect(e.reason(), e.getMessage()); // [MQTT-4.13.1-1]
      case CLOSING, CLOSED -> {}
    }
  }

  /// A negative CONNACK where the version has one, and the end. [MQTT-3.2.2-7]
  private void refuse(ReasonCode reason, @Nullable String why) {
    refuse(reason, why, Properties.builder());
  }

  private void refuse(ReasonCode reason, @Nullable String why, Properties.Builder properties) {
    loop.counters().increment(Counter.REFUSED_CONNECTS);
    LOG.debug("{} is refused: {} ({})", who(), why, reason);
    if (why != null && !version.isV5()) { // else CONNACK says it
      note("refused: " + why);
    }
    boolean sayable =
        version.isV5() ? reason.mayStandIn(PacketType.CONNACK) : reason.connackCodeV3() > 0;
    if (sayable) {
      if (version.isV5() && why != null) {
        properties.add(Property.REASON_STRING, why);
      }
      answer(
          new Packet.Connack(false, reason, version.isV5() ? properties.build() : Properties.NONE));
      closeAfterSending();
    } else {
      closeNow();
    }
  }

  /// A DISCONNECT where the version has one, and the end. The will goes out.
  void disconnect(ReasonCode reason, @Nullable String why) {
    if (phase != Phase.OPEN) {
      closeNow();
      return;
    }
    gone(reason);
    if (version.isV5() && reason.mayStandIn(PacketType.DISCONNECT)) {
      Properties properties =
          why == null
              ? Properties.NONE
              : Properties.builder().add(Property.REASON_STRING, why).build();
      answer(new Packet.Disconnect(reason, properties));
    } else if (why != null) {
      note("is disconnected: " + why);
    }
    closeAfterSending();
  }

  /// A publish of 3.x that cannot be taken: no ack, and the end.
  void closeRefused(ReasonCode reason, String why) {
    gone(reason);
    LOG.debug("{} is closed: {} ({})", who(), why, reason);
    note("is disconnected: " + why);
    closeAfterSending();
  }

  /// Why it goes, of which the first counts.
  private void gone(ReasonCode reason) {
    goneFor = goneFor == null ? reason : goneFor;
  }

  /// The broker stops.
  void shutDown() {
    shuttingDown = true;
    disconnect(ReasonCode.SERVER_SHUTTING_DOWN, null);
  }

  /// Another connection has this client id.
  ///
  /// @param then runs on this loop once the session has ended
  private void endFor(Runnable then) {
    if (!ended && phase == Phase.OPEN) {
      loop.counters().increment(Counter.SESSIONS_TAKEN_OVER);
    }
    end(ReasonCode.SESSION_TAKEN_OVER, then);
  }

  /// Ends the connection and what stands behind it.
  ///
  /// @param then runs on this loop once the session has ended
  void end(ReasonCode reason, Runnable then) {
    if (ended) {
      then.run();
      return;
    }
    afterEnd.add(then);
    disconnect(reason, null);
    endSession();
  }

  /// What was written leaves, then the sending half closes; what still comes is thrown away, so
  /// that the peer can read our last packet.
  private void closeAfterSending() {
    if (phase == Phase.CLOSING || phase == Phase.CLOSED) {
      return;
    }
    phase = Phase.CLOSING;
    closingMillis = loop.nowMillis();
    loop.wheel().add(this, closingMillis);
    endSession();
    waits = 0;
    readOn();
    if (outbox != null) {
      outbox.finish();
    }
  }

  private void closeNow() {
    if (context != null) {
      context.close();
    }
  }

  private void closed() {
    if (phase == Phase.CLOSED) {
      return;
    }
    boolean counted = outbox != null;
    if (phase != Phase.CLOSING) {
      phase = Phase.CLOSING;
    }
    endSession();
    phase = Phase.CLOSED;
    if (parsing) {
      part = NONE; // somebody up there still reads it
    }
    dropPart();
    if (outbox != null) {
      outbox.close();
    }
    if (counted) {
      loop.connections().remove(this);
      loop.counters().increment(Counter.CONNECTIONS_CLOSED);
      services.connectionCount().decrementAndGet();
    }
  }

  private void endSession() {
    if (ending) {
      return;
    }
    ending = true;
    dropThrottle();
    if (accepted && client != null) {
      note("ended: " + ClientEvents.word(goneFor));
    }
    if (accepted && client != null) {
      services.events().disconnected(loop, client, goneFor);
    }
    if (before != null || claiming) {
      return; // goes on in finishEnd, when the wait is over
    }
    finishEnd();
  }

  private void finishEnd() {
    Session ends = session;
    if (ends == null) {
      onSessionEnded();
      return;
    }
    loop.counters().increment(Counter.SESSIONS_CLOSED);
    Command.Parting parting =
        !willGoes
            ? Command.Parting.GOODBYE
            : shuttingDown ? Command.Parting.BY_SERVER : Command.Parting.LOST;
    ends.end(parting, newExpirySeconds, this::onSessionEnded);
  }

  private void onSessionEnded() {
    ended = true;
    if (session != null) {
      services.directory().remove(session);
    }
    afterEnd.forEach(Runnable::run);
    afterEnd.clear();
  }

  // ---- who watches

  /// Puts a probe on where somebody wants to see this client, and takes it off where nobody does
  /// any more.
  void lookForWatches() {
    if (probe == null && services.watches().isEmpty()) {
      return;
    }
    Peer from = peer;
    if (from == null || connect == null && client == null) {
      return; // who it is, CONNECT says
    }
    Watch[] watches = services.watches().of(id(), username(), from.address());
    probe =
        watches.length == 0
            ? null
            : new Probe(loop.timeline(), id(), username(), address(), version, watches);
    if (outbox != null) {
      outbox.watch(probe);
    }
  }

  private String id() {
    return client != null ? client.clientId() : connect != null ? connect.clientId() : "";
  }

  /// As authenticated, or until then as said.
  private @Nullable String username() {
    return client != null && client.username() != null || connect == null
        ? client == null ? null : client.username()
        : connect.username();
  }

  private String address() {
    return peer == null ? "" : Client.written(peer.address());
  }

  private void tell(TimelineEntry.Direction direction, Packet packet, int bytes) {
    if (loop.timeline().isOn() && Timeline.isControl(packet.type())) {
      String name = client == null ? null : client.username();
      loop.timeline().packet(id(), name, address(), direction, packet, version, bytes);
    }
  }

  /// Something happened that is no packet.
  private void note(String sentence) {
    boolean known = connect != null || client != null;
    if (known && (loop.timeline().isOn() || probe != null)) {
      String name = client == null ? null : client.username();
      TimelineEntry entry = loop.timeline().note(id(), name, address(), sentence);
      if (probe != null) {
        probe.tell(entry);
      }
    }
  }

  /// For logs: never more than the peer's address and client id.
  private String who() {
    Object address = peer == null ? "?" : peer.address();
    return client == null
        ? "Client at " + address
        : "Client '" + client.clientId() + "' at " + address;
  }
}
