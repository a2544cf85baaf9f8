package io.relais.broker;

/// How much of each kind is taken within a second; 0: any. After a quiet second as much may come at
/// once.
///
/// @param connections CONNECTs
/// @param messages PUBLISHes
/// @param messageBytes bytes of PUBLISHes with all that stands in them
/// @param subscribes filters of SUBSCRIBEs
public record RateLimits(int connections, int messages, long messageBytes, int subscribes) {
  public static final RateLimits OFF = new RateLimits(0, 0, 0, 0);

  boolean isOff() {
    return connections == 0 && messages == 0 && messageBytes == 0 && subscribes == 0;
  }
}
