package io.relais.broker.listener;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.netty.util.ReferenceCountUtil;
import io.relais.broker.access.Loopback;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Answers the one HTTP request of a WebSocket listener: an upgrade to MQTT, or a refusal in one
/// sentence. After an upgrade HTTP leaves the pipeline and [WebSocketFrames] takes its place.
///
/// Owner: the channel's loop. Limits: [#LINE_BYTES_MAX], [#HEADER_BYTES_MAX]; a body is thrown
/// away.
final class WebSocketUpgrade extends ChannelInboundHandlerAdapter {
  private static final int LINE_BYTES_MAX = 4 * 1024;
  private static final int HEADER_BYTES_MAX = 16 * 1024;
  private static final int CHUNK_BYTES_MAX = 8 * 1024;
  private static final int FORWARDED_MAX = 32;

  /// What RFC 6455 section 1.3 has both sides append to the key.
  private static final String GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

  /// The second was the name before 3.1.1. [MQTT-6.0.0-3]
  private static final List<String> SUBPROTOCOLS = List.of("mqtt", "mqttv3.1");

  private record Answer(Refusal refusal, HttpResponseStatus status, String sentence) {}

  private final Handshake handshake;
  private @Nullable HttpRequest accepted;
  private boolean refused;

  private WebSocketUpgrade(Handshake handshake) {
    this.handshake = handshake;
  }

  static void addTo(ChannelPipeline pipeline, Handshake handshake) {
    HttpDecoderConfig limits =
        new HttpDecoderConfig()
            .setMaxInitialLineLength(LINE_BYTES_MAX)
            .setMaxHeaderSize(HEADER_BYTES_MAX)
            .setMaxChunkSize(CHUNK_BYTES_MAX);
    pipeline.addLast(new HttpServerCodec(limits), new WebSocketUpgrade(handshake));
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    try {
      if (refused) {
        return;
      }
      if (message instanceof HttpRequest request) {
        Answer answer = refusal(ctx, request);
        if (answer != null) {
          refuse(ctx, answer);
          return;
        }
        accepted = request;
      }
      if (message instanceof LastHttpContent && accepted != null) {
        upgrade(ctx, accepted);
      }
    } finally {
      ReferenceCountUtil.release(message);
    }
  }

  private @Nullable Answer refusal(ChannelHandlerContext ctx, HttpRequest request) {
    if (request.decoderResult().isFailure()) {
      Throwable cause = request.decoderResult().cause();
      boolean tooLong =
          cause instanceof TooLongHttpHeaderException || cause instanceof TooLongHttpLineException;
      return tooLong
          ? http(
              HttpResponseStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
              "The request line has more than "
                  + LINE_BYTES_MAX
                  + " bytes or the headers have more than "
                  + HEADER_BYTES_MAX
                  + ".")
          : http(HttpResponseStatus.BAD_REQUEST, "This is no HTTP/1.1 request.");
    }
    String path = handshake.settings().path();
    String uri = request.uri();
    int query = uri.indexOf('?');
    if (!(query < 0 ? uri : uri.substring(0, query)).equals(path)) {
      return http(
          HttpResponseStatus.NOT_FOUND,
          "There is nothing here but MQTT over WebSocket at " + path + ".");
    }
    HttpHeaders headers = request.headers();
    if (!request.method().equals(HttpMethod.GET)
        || !headers.containsValue(HttpHeaderNames.UPGRADE, HttpHeaderValues.WEBSOCKET, true)
        || !headers.containsValue(HttpHeaderNames.CONNECTION, HttpHeaderValues.UPGRADE, true)) {
      return http(
          HttpResponseStatus.UPGRADE_REQUIRED,
          "This is MQTT over WebSocket; connect with an MQTT client that speaks WebSocket.");
    }
    if (!"13".equals(headers.get(HttpHeaderNames.SEC_WEBSOCKET_VERSION))) {
      return http(HttpResponseStatus.UPGRADE_REQUIRED, "Only version 13 of WebSocket is spoken.");
    }
    String origin = headers.get(HttpHeaderNames.ORIGIN);
    boolean confined =
        Loopback.isAddress(ctx.channel().localAddress())
            && Loopback.isAddress(ctx.channel().remoteAddress())
            && !handshake.isTrustedProxy(ctx.channel().remoteAddress());
    if (!handshake.origins().allows(origin, headers.get(HttpHeaderNames.HOST), confined)) {
      return new Answer(
          Refusal.ORIGIN,
          HttpResponseStatus.FORBIDDEN,
          "Pages from this origin may not connect; allowed-origins of the listener names those that"
              + " may.");
    }
    if (!isKey(headers.get(HttpHeaderNames.SEC_WEBSOCKET_KEY))) {
      return http(
          HttpResponseStatus.BAD_REQUEST, "Sec-WebSocket-Key is not the Base64 of 16 bytes.");
    }
    if (subprotocol(headers) == null) {
      return http(
          HttpResponseStatus.BAD_REQUEST, "Sec-WebSocket-Protocol must offer mqtt (or mqttv3.1).");
    }
    return null;
  }

  private static Answer http(HttpResponseStatus status, String sentence) {
    return new Answer(Refusal.HTTP, status, sentence);
  }

  private static boolean isKey(@Nullable String key) {
    if (key == null) {
      return false;
    }
    try {
      return Base64.getDecoder().decode(key.trim()).length == 16;
    } catch (IllegalArgumentException _) {
      return false;
    }
  }

  private static @Nullable String subprotocol(HttpHeaders headers) {
    List<String> offered = values(headers, HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL);
    for (String ours : SUBPROTOCOLS) {
      if (offered.contains(ours)) {
        return ours;
      }
    }
    return null;
  }

  /// Of a header that is a list, which may be spread over several lines.
  private static List<String> values(HttpHeaders headers, CharSequence name) {
    List<String> values = new ArrayList<>();
    for (String line : headers.getAll(name)) {
      for (String value : line.split(",", -1)) {
        values.add(value.trim());
      }
    }
    return values;
  }

  private void refuse(ChannelHandlerContext ctx, Answer answer) {
    refused = true;
    ByteBuf text = Unpooled.copiedBuffer(answer.sentence + "\n", StandardCharsets.UTF_8);
    FullHttpResponse response =
        new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, answer.status, text);
    response
        .headers()
        .set(HttpHeaderNames.CONTENT_TYPE, "text/plain; charset=utf-8")
        .setInt(HttpHeaderNames.CONTENT_LENGTH, text.readableBytes())
        .set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
    if (answer.status.equals(HttpResponseStatus.UPGRADE_REQUIRED)) {
      response
          .headers()
          .set(HttpHeaderNames.UPGRADE, HttpHeaderValues.WEBSOCKET)
          .set(HttpHeaderNames.SEC_WEBSOCKET_VERSION, "13");
    }
    if (handshake.count(answer.refusal, answer.status + ": " + answer.sentence)) {
      Farewell.say(ctx.channel(), ctx.writeAndFlush(response));
    } else {
      response.release();
    }
  }

  private void upgrade(ChannelHandlerContext ctx, HttpRequest request) {
    HttpHeaders headers = request.headers();
    FullHttpResponse response =
        new DefaultFullHttpResponse(
            HttpVersion.HTTP_1_1, HttpResponseStatus.SWITCHING_PROTOCOLS, Unpooled.EMPTY_BUFFER);
    response
        .headers()
        .set(HttpHeaderNames.UPGRADE, HttpHeaderValues.WEBSOCKET)
        .set(HttpHeaderNames.CONNECTION, HttpHeaderValues.UPGRADE)
        .set(
            HttpHeaderNames.SEC_WEBSOCKET_ACCEPT,
            acceptance(headers.get(HttpHeaderNames.SEC_WEBSOCKET_KEY)))
        .set(HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL, subprotocol(headers)); // [MQTT-6.0.0-4]
    var _ = ctx.writeAndFlush(response);

    ChannelPipeline pipeline = ctx.pipeline();
    pipeline.addLast(new WebSocketFrames());
    boolean believed = handshake.isTrustedProxy(handshake.address());
    handshake.upgraded(
        believed ? forwarded(headers) : handshake.address(),
        believed && "https".equalsIgnoreCase(headers.get("X-Forwarded-Proto")));
    pipeline.remove(this);
    pipeline.remove(HttpServerCodec.class); // hands what came after the request to the frames
  }

  private static String acceptance(String key) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-1")
              .digest((key.trim() + GUID).getBytes(StandardCharsets.US_ASCII));
      return Base64.getEncoder().encodeToString(hash);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-1", e);
    }
  }

  /// The last address in X-Forwarded-For that is not itself a trusted proxy: those before it are
  /// what the client says of itself.
  private SocketAddress forwarded(HttpHeaders headers) {
    SocketAddress client = handshake.address();
    List<String> chain = values(headers, "X-Forwarded-For").reversed();
    for (String hop : chain.subList(0, Math.min(FORWARDED_MAX, chain.size()))) {
      InetAddress address = Loopback.literal(hop);
      if (address == null) {
        break;
      }
      client = new InetSocketAddress(address, 0);
      if (!handshake.isTrustedProxy(client)) {
        break;
      }
    }
    return client;
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    handshake.fail(Refusal.HTTP, cause);
  }
}
