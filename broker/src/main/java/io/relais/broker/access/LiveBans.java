package io.relais.broker.access;

/// The list of bans that holds now.
///
/// Owner: any thread.
public final class LiveBans {
  private volatile BanList now = BanList.EMPTY;

  public void set(BanList bans) {
    now = bans;
  }

  public BanList now() {
    return now;
  }
}
