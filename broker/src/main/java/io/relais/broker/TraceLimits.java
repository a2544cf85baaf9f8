package io.relais.broker;

/// How much of the recent past a node remembers.
///
/// @param controlPackets CONNECT, SUBSCRIBE, DISCONNECT, their answers and the ends of connections;
///   as many packets again of clients that are watched; 0: none of either
/// @param messages PUBLISHes with what became of them; 0: none
/// @param messagesPerSecond of which that is noted down at most
public record TraceLimits(int controlPackets, int messages, int messagesPerSecond) {
  public static final TraceLimits STANDARD = new TraceLimits(4_000, 1_000, 100);
}
