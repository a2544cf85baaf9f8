package io.relais.storage;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.relais.protocol.MalformedPacket;
import io.relais.protocol.SubscriptionFilter;
import io.relais.storage.table.ByteReader;
import io.relais.storage.table.ByteWriter;
import io.relais.storage.table.StoreFailure;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The values of the state, as bytes. Part of the on-disk format: see docs/store.md.
final class Records {
  private static final int OWED = 64;

  private Records() {}

  static void writeMessage(ByteWriter to, Message message) {
    boolean expires = message.expiresAtMillis() != 0;
    String publisher = message.publisher();
    to.u1(
        message.qos()
            | (message.retain() ? 4 : 0)
            | (expires ? 8 : 0)
            | (publisher != null ? 16 : 0));
    to.sized(message.topicBytes()).sized(message.payload()).sized(message.properties());
    if (expires) {
      to.u8(message.expiresAtMillis());
    }
    if (publisher != null) {
      to.sized(publisher);
    }
  }

  static Message readMessage(ByteReader from) {
    int flags = from.u1();
    byte[] topic = from.sized();
    byte[] payload = from.sized();
    byte[] properties = from.sized();
    long expires = (flags & 8) != 0 ? from.u8() : 0;
    String publisher = (flags & 16) != 0 ? from.string() : null;
    return new Message(
        new String(topic, UTF_8),
        topic,
        payload,
        properties,
        flags & 3,
        (flags & 4) != 0,
        expires,
        publisher);
  }

  // ---- users

  /// A user in no group is the hash alone, as users were before there were groups.
  static void user(ByteWriter to, Users.Kept user) {
    to.sized(user.passwordHash());
    if (!user.groups().isEmpty()) {
      to.variable(user.groups().size());
      user.groups().forEach(to::sized);
    }
  }

  static Users.Kept user(ByteReader from) {
    String passwordHash = from.string();
    List<String> groups = new ArrayList<>();
    if (!from.isAtEnd()) {
      for (int left = from.variableInt(); left > 0; left--) {
        groups.add(from.string());
      }
    }
    return new Users.Kept(passwordHash, groups);
  }

  // ---- entries of queues

  private static final int QOS = 3;
  private static final int RETAIN = 4;
  private static final int IDS = 8;
  private static final int IN_PLACE = 16; // the message is in the entry

  /// What an entry says before its message.
  ///
  /// @param messageBytes as the message counts against limits
  /// @param shared where the message is kept; 0: it follows
  record EntryHead(int qos, boolean retain, int messageBytes, long shared, int[] ids) {}

  /// @param message that follows; null: it is shared
  static void writeEntry(ByteWriter to, EntryHead head, @Nullable Message message) {
    int[] ids = head.ids();
    to.u1(
        head.qos()
            | (head.retain() ? RETAIN : 0)
            | (ids.length > 0 ? IDS : 0)
            | (message != null ? IN_PLACE : 0));
    to.variable(head.messageBytes());
    if (message == null) {
      to.u8(head.shared());
    }
    if (ids.length > 0) {
      to.variable(ids.length);
      for (int id : ids) {
        to.variable(id);
      }
    }
    if (message != null) {
      writeMessage(to, message);
    }
  }

  static EntryHead readEntryHead(ByteReader from) {
    int flags = from.u1();
    int messageBytes = from.variableInt();
    long shared = (flags & IN_PLACE) == 0 ? from.u8() : 0;
    int[] ids = QueueEntry.NO_IDS;
    if ((flags & IDS) != 0) {
      int count = from.variableInt();
      if (count > from.left()) { // before room is made for them
        throw new StoreFailure(
            "An entry has %d subscription identifiers in %d bytes".formatted(count, from.left()));
      }
      ids = new int[count];
      for (int i = 0; i < ids.length; i++) {
        ids[i] = from.variableInt();
      }
    }
    return new EntryHead(flags & QOS, (flags & RETAIN) != 0, messageBytes, shared, ids);
  }

  // ---- retained messages

  private static final int HERE = 1; // the message is in the record

  /// What the record of a retained message says before the message.
  ///
  /// @param shared where the message is kept; 0: it follows
  record RetainedHead(long storedAtMillis, int messageBytes, long expiresAtMillis, long shared) {}

  /// @param shared where the message is kept; 0: in the record
  static void writeRetained(ByteWriter to, Message message, long storedAtMillis, long shared) {
    to.u1(shared == 0 ? HERE : 0)
        .u8(storedAtMillis)
        .variable(message.bytes())
        .u8(message.expiresAtMillis());
    if (shared == 0) {
      writeMessage(to, message);
    } else {
      to.u8(shared);
    }
  }

  static RetainedHead readRetainedHead(ByteReader from) {
    int flags = from.u1();
    return new RetainedHead(
        from.u8(), from.variableInt(), from.u8(), (flags & HERE) == 0 ? from.u8() : 0);
  }

  static void writeWill(ByteWriter to, Command.@Nullable StoredWill will) {
    if (will == null) {
      to.u1(0);
      return;
    }
    to.u1(1).u8(will.delaySeconds()).u8(will.expirySeconds());
    writeMessage(to, will.message());
  }

  static Command.@Nullable StoredWill readWill(ByteReader from) {
    if (from.u1() == 0) {
      return null;
    }
    long delay = from.u8();
    long expiry = from.u8();
    return new Command.StoredWill(readMessage(from), delay, expiry);
  }

  /// @param owed see [StoredSession#owed]
  static void writeSubscription(
      ByteWriter to, StoredSubscription subscription, @Nullable String owed) {
    to.u1(
        subscription.qos()
            | (subscription.noLocal() ? 4 : 0)
            | (subscription.retainAsPublished() ? 8 : 0)
            | subscription.retainHandling() << 4
            | (owed != null ? OWED : 0));
    to.variable(subscription.id());
    if (owed != null) {
      to.sized(owed);
    }
  }

  /// What stands behind a subscription: see [StoredSession#owed].
  static @Nullable String readOwed(byte[] subscription) {
    var record = new ByteReader(subscription);
    boolean isOwed = (record.u1() & OWED) != 0;
    record.variable();
    return isOwed ? record.string() : null;
  }

  static StoredSubscription readSubscription(String filter, ByteReader from) {
    int flags = from.u1();
    try {
      return new StoredSubscription(
          SubscriptionFilter.parse(filter),
          flags & 3,
          (flags & 4) != 0,
          (flags & 8) != 0,
          flags >> 4 & 3,
          from.variableInt());
    } catch (MalformedPacket e) {
      throw new StoreFailure("A stored subscription has the filter '" + filter + "'", e);
    }
  }

  static void writeDue(ByteWriter to, Command.Due due) {
    switch (due) {
      case Command.Due.WillDue(String clientId, long epoch) -> to.u1('w').u8(epoch).sized(clientId);
      case Command.Due.SessionExpired(String clientId, long epoch) ->
          to.u1('s').u8(epoch).sized(clientId);
      case Command.Due.DelayedDue(long at, long id) -> to.u1('y');
      case Command.Due.RetainedExpired(String topic, long at, long number) ->
          to.u1('r').sized(topic);
    }
  }

  static Command.Due readDue(long at, long number, ByteReader from) {
    int kind = from.u1();
    return switch (kind) {
      case 'w' -> {
        long epoch = from.u8();
        yield new Command.Due.WillDue(from.string(), epoch);
      }
      case 's' -> {
        long epoch = from.u8();
        yield new Command.Due.SessionExpired(from.string(), epoch);
      }
      case 'y' -> new Command.Due.DelayedDue(at, number);
      case 'r' -> new Command.Due.RetainedExpired(from.string(), at, number);
      default -> throw new StoreFailure("Something unknown is due: " + kind);
    };
  }
}
