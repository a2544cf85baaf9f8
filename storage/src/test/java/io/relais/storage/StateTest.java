package io.relais.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.relais.protocol.MalformedPacket;
import io.relais.protocol.ReasonCode;
import io.relais.protocol.SubscriptionFilter;
import io.relais.storage.table.ByteReader;
import io.relais.storage.table.ByteWriter;
import io.relais.storage.table.HeapTables;
import io.relais.storage.table.RocksTables;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Each test runs with the state on the heap and on disk.
@ParameterizedClass
@ValueSource(strings = {"heap", "disk"})
class StateTest {
  private static final String NODE = "n1";

  private final RecordedEffects effects = new RecordedEffects();
  private final State store;

  StateTest(String kind, @TempDir Path folder) {
    store =
        State.open(
            kind.equals("heap") ? new HeapTables() : RocksTables.open(folder, 1 << 20),
            effects,
            restored -> {});
  }

  @AfterEach
  void close() {
    store.close();
  }

  private long now = 1_000_000;

  @Test
  void a_session_is_found_again_with_its_subscriptions_and_queue() throws Exception {
    long epoch = claim("c", false, 60, null).epoch();
    subscribe("c", epoch, "a/+", 1);
    release("c", epoch, false);
    append("a/b", "1", 1, false);

    Outcome.Claimed again = claim("c", false, 60, null);

    assertThat(again.sessionPresent()).isTrue();
    assertThat(again.subscriptions()).extracting(s -> s.filter().filter()).containsExactly("a/+");
    assertThat(again.nextSequence() - again.headSequence()).isEqualTo(1);
    assertThat(effects.queued).containsExactly("c 0 a/b=1");
  }

  @Test
  void a_user_has_the_last_hash_that_was_put_until_it_is_dropped() {
    assertThat(store.users().isEmpty()).isTrue();

    apply(new Command.PutUser("ann", "first"));
    apply(new Command.PutUser("ann", "second"));

    assertThat(store.users().passwordHash("ann")).isEqualTo("second");
    assertThat(store.users().passwordHash("bob")).isNull();
    assertThat(apply(new Command.DropUser("bob"))).isEqualTo(new Outcome.Found(false));
    assertThat(apply(new Command.DropUser("ann"))).isEqualTo(new Outcome.Found(true));
    assertThat(store.users().isEmpty()).isTrue();
  }

  @Test
  void a_change_of_a_user_leaves_what_it_does_not_name_and_may_demand_the_hash_that_was_seen() {
    apply(new Command.PutUser("ann", "first", List.of("staff"), true));

    Outcome changed = apply(new Command.ChangeUser("ann", "first", "second", null));
    Outcome late = apply(new Command.ChangeUser("ann", "first", "third", null));
    Outcome moved = apply(new Command.ChangeUser("ann", null, null, List.of("guests", "night")));
    Outcome unknown = apply(new Command.ChangeUser("bob", null, "hash", List.of()));

    assertThat(List.of(changed, late, moved, unknown))
        .containsExactly(
            new Outcome.Found(true),
            new Outcome.Found(false),
            new Outcome.Found(true),
            new Outcome.Found(false));
    assertThat(store.users().passwordHash("ann")).isEqualTo("second");
    assertThat(store.users().groups("ann")).containsExactly("guests", "night");
    assertThat(store.users().groups("bob")).isEmpty();
  }

  @Test
  void a_user_without_groups_is_kept_as_the_hash_alone_and_one_with_groups_is_read_back() {
    var old = new ByteWriter(64).sized("hash").copy();
    var plain = new ByteWriter(64);
    var grouped = new ByteWriter(64);
    Users.Kept inGroups = new Users.Kept("hash", List.of("a", "b"));

    Records.user(plain, new Users.Kept("hash", List.of()));
    Records.user(grouped, inGroups);

    assertThat(plain.copy()).isEqualTo(old);
    assertThat(Records.user(new ByteReader(old))).isEqualTo(new Users.Kept("hash", List.of()));
    assertThat(Records.user(new ByteReader(grouped.copy()))).isEqualTo(inGroups);
  }

  @Test
  void the_hash_of_a_user_is_in_no_text_of_the_command() {
    assertThat(new Command.ChangeUser("ann", "secret", "secret", null).toString())
        .doesNotContain("secret");
    assertThat(new Command.PutUser("ann", "secret").toString())
        .contains("ann")
        .doesNotContain("secret");
  }

  @Test
  void clean_start_ends_the_stored_session_and_publishes_the_will_that_waited() throws Exception {
    long epoch = claim("c", false, 60, will("gone", 30)).epoch();
    subscribe("c", epoch, "a", 1);
    release("c", epoch, true);

    Outcome.Claimed fresh = claim("c", true, 60, null);
    append("a", "lost", 1, false);

    assertThat(fresh.sessionPresent()).isFalse();
    assertThat(effects.published).extracting(Message::topic).containsExactly("gone");
    assertThat(effects.queued).isEmpty();
  }

  @Test
  void a_command_of_an_older_epoch_is_refused() throws Exception {
    long older = claim("c", false, 60, null).epoch();
    claim("c", false, 60, null);

    Outcome outcome = apply(new Command.Subscribe("c", older, List.of(subscription("a", 1))));

    assertThat(outcome)
        .isInstanceOfSatisfying(
            Outcome.Refused.class,
            refused -> assertThat(refused.reason()).isEqualTo(ReasonCode.SESSION_TAKEN_OVER));
  }

  @Test
  void overlapping_subscriptions_give_one_entry_with_the_highest_qos_and_all_identifiers()
      throws Exception {
    long epoch = claim("c", false, 60, null).epoch();
    apply(
        new Command.Subscribe(
            "c",
            epoch,
            List.of(
                new StoredSubscription(SubscriptionFilter.parse("a/#"), 1, false, false, 0, 7),
                new StoredSubscription(SubscriptionFilter.parse("a/b"), 2, false, false, 0, 9))));

    append("a/b", "x", 2, false);

    List<QueueEntry> page = store.readQueue("c", 0, 10, 1 << 20);
    assertThat(page).hasSize(1);
    assertThat(page.getFirst().qos()).isEqualTo(2);
    assertThat(page.getFirst().subscriptionIds()).containsExactlyInAnyOrder(7, 9);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 3})
  void what_a_group_gave_at_qos_2_returns_as_far_as_it_was_not_sent(int sent) throws Exception {
    var group = SubscriptionFilter.parse("$share/g/t");
    long epoch = claim("c", false, 60, null).epoch();
    subscribe("c", epoch, group.text(), 2);
    List<Command.Handed> handed = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      append("t", "" + i, 2, false);
      handed.add(new Command.Handed(SharedQueue.FIRST_SEQUENCE + i, "c"));
    }
    apply(new Command.HandOut(group, queueOf(group), handed));

    apply(new Command.Release("c", epoch, Command.Parting.LOST, -1, sent));

    assertThat(payloads(store.readQueue("c", 0, 9, 1 << 20)))
        .isEqualTo(List.of("0", "1", "2").subList(0, sent));
    assertThat(payloads(store.readShared(group, 0, 9, 1 << 20)))
        .isEqualTo(List.of("0", "1", "2").subList(sent, 3));
  }

  @Test
  void a_clean_start_gives_no_other_member_what_may_have_been_sent_at_qos_2() throws Exception {
    var group = SubscriptionFilter.parse("$share/g/t");
    subscribe("other", claim("other", false, 60, null).epoch(), group.text(), 2);
    subscribe("c", claim("c", false, 60, null).epoch(), group.text(), 2);
    append("t", "0", 2, false);
    var handed = List.of(new Command.Handed(SharedQueue.FIRST_SEQUENCE, "c"));
    apply(new Command.HandOut(group, queueOf(group), handed));

    claim("c", true, 60, null);

    assertThat(store.readShared(group, 0, 9, 1 << 20)).isEmpty();
  }

  @Test
  void a_subscription_is_withdrawn_only_of_a_session_that_is_away() throws Exception {
    long epoch = claim("c", false, 60, null).epoch();
    subscribe("c", epoch, "t", 1);
    subscribe("c", epoch, "u", 1);
    var filters = List.of(SubscriptionFilter.parse("t"), SubscriptionFilter.parse("x"));

    Outcome here = apply(new Command.Withdraw("c", filters));
    release("c", epoch, false);
    Outcome away = apply(new Command.Withdraw("c", filters));

    assertThat(here).isInstanceOf(Outcome.Refused.class);
    assertThat(away).isEqualTo(new Outcome.Unsubscribed(List.of(true, false)));
    assertThat(Objects.requireNonNull(store.keptSession("c")).subscriptions()).hasSize(1);
    assertThat(apply(new Command.Withdraw("nobody", filters)))
        .isEqualTo(new Outcome.Unsubscribed(List.of(false, false)));
  }

  @Test
  void the_end_of_a_group_spares_what_came_since() throws Exception {
    var group = SubscriptionFilter.parse("$share/g/t");
    long epoch = claim("c", false, 60, null).epoch();
    subscribe("c", epoch, group.text(), 1);
    append("t", "0", 1, false);
    apply(new Command.Unsubscribe("c", epoch, List.of(group)));
    append("t", "1", 1, false);
    long queue = queueOf(group);

    apply(new Command.EndShared(group, queue, SharedQueue.FIRST_SEQUENCE + 1));

    assertThat(payloads(store.readShared(group, 0, 9, 1 << 20))).containsExactly("1");
    assertThat(effects.dropped).containsExactly("$share/g/t t=0 no-member");

    apply(new Command.EndShared(group, queue, SharedQueue.FIRST_SEQUENCE + 2));

    assertThat(effects.dropped)
        .containsExactly("$share/g/t t=0 no-member", "$share/g/t t=1 no-member");
    assertThat(effects.sharedQueues)
        .containsExactly("+$share/g/t", "?$share/g/t", "?$share/g/t", "-$share/g/t");
  }

  private long queueOf(SubscriptionFilter group) {
    return Objects.requireNonNull(store.durable().queue(group)).queue.id;
  }

  private static List<String> payloads(List<QueueEntry> entries) {
    return entries.stream()
        .map(entry -> new String(entry.message().payload(), StandardCharsets.UTF_8))
        .toList();
  }

  @Test
  void a_message_of_qos_0_is_handed_to_who_is_connected_and_kept_for_nobody() throws Exception {
    long here = claim("here", false, 60, null).epoch();
    subscribe("here", here, "a", 2);
    long away = claim("away", false, 60, null).epoch();
    subscribe("away", away, "a", 2);
    release("away", away, false);

    append("a", "x", 0, false);

    assertThat(effects.queued).containsExactly("here -1 a=x");
    assertThat(store.readQueue("here", 0, 10, 1 << 20)).isEmpty();
    assertThat(store.readQueue("away", 0, 10, 1 << 20)).isEmpty();
  }

  @Test
  void a_received_id_keeps_its_message_from_being_kept_twice_until_it_is_forgotten()
      throws Exception {
    long subscriber = claim("s", false, 60, null).epoch();
    subscribe("s", subscriber, "a", 2);
    long epoch = claim("p", false, 60, null).epoch();
    var first = new Command.Append(message("a", "1", 2, false), "p", epoch, 5, List.of());

    Outcome once = apply(first);
    Outcome twice =
        apply(new Command.Append(message("a", "1", 2, false), "p", epoch, 5, List.of()));
    apply(new Command.Forget("p", epoch, 5));
    Outcome anew = apply(new Command.Append(message("a", "2", 2, false), "p", epoch, 5, List.of()));

    assertThat(once).isEqualTo(new Outcome.Appended(1, false, List.of()));
    assertThat(twice).isEqualTo(new Outcome.Appended(0, true, List.of()));
    assertThat(anew).isEqualTo(new Outcome.Appended(1, false, List.of()));
    assertThat(effects.queued).containsExactly("s 0 a=1", "s 1 a=2");
  }

  @Test
  void a_full_queue_drops_its_oldest_entry_that_is_not_in_flight() throws Exception {
    limit(new StoreLimits(3, 1 << 20, false, 10, 10, 1 << 30));
    long epoch = claim("c", false, 60, null).epoch(); // window 2
    subscribe("c", epoch, "a", 1);

    for (int i = 0; i < 5; i++) {
      append("a", "" + i, 1, false);
    }

    assertThat(effects.dropped).containsExactly("c a=2 queue-full", "c a=3 queue-full");
    assertThat(store.readQueue("c", 0, 10, 1 << 20))
        .extracting(QueueEntry::sequence)
        .containsExactly(0L, 1L, 4L);
  }

  @Test
  void with_reject_a_full_queue_refuses_the_message_for_all() throws Exception {
    limit(new StoreLimits(1, 1 << 20, true, 10, 10, 1 << 30));
    subscribe("c", claim("c", false, 60, null).epoch(), "a", 1);
    append("a", "0", 1, false);
    subscribe("d", claim("d", false, 60, null).epoch(), "a", 1);

    Outcome outcome = append("a", "1", 1, false);

    assertThat(outcome)
        .isInstanceOfSatisfying(
            Outcome.Refused.class,
            refused -> assertThat(refused.reason()).isEqualTo(ReasonCode.QUOTA_EXCEEDED));
    assertThat(effects.queued).containsExactly("c 0 a=0");
  }

  @Test
  void the_bound_of_all_bytes_holds_and_is_free_again_after_acknowledgement() throws Exception {
    int one = message("a", "x".repeat(100), 1, false).bytes();
    limit(new StoreLimits(100, 1 << 20, true, 10, 10, 2L * one));
    long epoch = claim("c", false, 60, null).epoch();
    subscribe("c", epoch, "a", 1);
    append("a", "x".repeat(100), 1, false);
    append("a", "x".repeat(100), 1, false);

    Outcome full = append("a", "x".repeat(100), 1, false);
    apply(new Command.Acknowledge("c", epoch, new long[] {0}));
    Outcome free = append("a", "x".repeat(100), 1, false);

    assertThat(full).isInstanceOf(Outcome.Refused.class);
    assertThat(free).isInstanceOf(Outcome.Appended.class);
  }

  @Test
  void a_will_without_delay_goes_out_when_the_connection_ends() {
    long epoch = claim("c", false, 60, will("gone", 0)).epoch();

    release("c", epoch, true);

    assertThat(effects.published).extracting(Message::topic).containsExactly("gone");
  }

  @Test
  void a_will_waits_for_its_delay_and_a_return_cancels_it() {
    long epoch = claim("c", false, 60, will("gone", 5)).epoch();
    release("c", epoch, true);
    pass(4);
    epoch = claim("c", false, 60, will("gone", 5)).epoch();
    pass(10);
    int afterReturn = effects.published.size();

    release("c", epoch, true);
    pass(6);

    assertThat(afterReturn).isZero();
    assertThat(effects.published).hasSize(1);
  }

  @Test
  void the_end_of_the_session_brings_a_longer_will_delay_forward() {
    long epoch = claim("c", false, 2, will("gone", 500)).epoch();

    release("c", epoch, true);
    pass(3);

    assertThat(effects.published).hasSize(1);
    assertThat(effects.ended).containsExactly("c");
    assertThat(store.hasSession("c")).isFalse();
  }

  @Test
  void a_session_expires_after_its_time_and_not_before() throws Exception {
    long epoch = claim("c", false, 5, null).epoch();
    subscribe("c", epoch, "a", 1);
    release("c", epoch, false);

    pass(4);
    boolean before = store.hasSession("c");
    pass(2);

    assertThat(before).isTrue();
    assertThat(store.hasSession("c")).isFalse();
    assertThat(append("a", "x", 1, false)).isEqualTo(new Outcome.Appended(0, false, List.of()));
  }

  @Test
  void a_new_incarnation_of_a_node_ends_the_ownership_of_the_older_one() {
    claim("c", false, 60, will("gone", 0));

    apply(new Command.NodeUp(NODE, 2));
    apply(new Command.Disown(NODE, 2, store.ownedBefore(NODE, 2)));
    pass(9);
    assertThat(effects.published).as("within the grace").isEmpty();
    pass(2);

    assertThat(effects.published).extracting(Message::topic).containsExactly("gone");
    assertThat(store.hasSession("c")).isTrue();
  }

  @Test
  void retained_messages_are_owed_to_a_subscription_until_all_were_queued() throws Exception {
    append("r", "kept", 1, true);
    long epoch = claim("c", false, 60, null).epoch();
    subscribe("c", epoch, "r", 1);

    Outcome.Claimed before = claim("c", false, 60, null);
    apply(new Command.QueueRetained("c", before.epoch(), subscription("r", 1), null));
    Outcome.Claimed after = claim("c", false, 60, null);

    assertThat(before.owed()).containsExactly(Map.entry(SubscriptionFilter.parse("r"), ""));
    assertThat(after.owed()).isEmpty();
  }

  @Test
  void the_last_retained_message_of_a_topic_is_kept_and_an_empty_one_erases_it() {
    append("a/b", "1", 1, true);
    append("a/b", "2", 0, true);
    append("a/c", "3", 1, true);
    append("a/c", "", 1, true);

    List<Message> found = store.readRetained("a/#", null, 10).messages();

    assertThat(found).hasSize(1);
    assertThat(new String(found.getFirst().payload(), StandardCharsets.UTF_8)).isEqualTo("2");
  }

  @Test
  void a_retained_message_is_gone_after_its_expiry() {
    apply(
        new Command.Append(
            message("a", "x", 1, true).withExpiry(now + 1000), null, 0, 0, List.of()));
    int before = store.readRetained("a", null, 10).messages().size();

    pass(2);

    assertThat(before).isEqualTo(1);
    assertThat(store.sizes().retainedMessages()).isZero();
    assertThat(store.sizes().bytes()).isZero();
  }

  @Test
  void retained_messages_of_qos_1_are_queued_and_those_of_qos_0_come_back() throws Exception {
    append("a/1", "one", 1, true);
    append("a/0", "zero", 0, true);
    long epoch = claim("c", false, 60, null).epoch();

    Outcome outcome = apply(new Command.QueueRetained("c", epoch, subscription("a/+", 1), null));

    assertThat(outcome)
        .isInstanceOfSatisfying(
            Outcome.RetainedQueued.class,
            queued -> {
              assertThat(queued.direct()).extracting(Message::topic).containsExactly("a/0");
              assertThat(queued.next()).isNull();
            });
    QueueEntry entry = store.readQueue("c", 0, 10, 1 << 20).getFirst();
    assertThat(entry.retain()).isTrue();
    assertThat(entry.message().topic()).isEqualTo("a/1");
  }

  @Test
  void a_delayed_message_is_published_when_due_and_kept_like_any_other() throws Exception {
    long epoch = claim("c", false, 60, null).epoch();
    subscribe("c", epoch, "a", 1);
    apply(new Command.Delay(message("a", "x", 1, false), now + 3000, "p", 0, 0));

    pass(2);
    int early = effects.queued.size();
    pass(2);

    assertThat(early).isZero();
    assertThat(effects.queued).containsExactly("c 0 a=x");
    assertThat(effects.published).hasSize(1);
  }

  @Test
  void a_delayed_message_that_is_dropped_is_never_published_and_makes_room() throws Exception {
    apply(new Command.Delay(message("a", "x", 1, false), now + 3000, null, 0, 0));
    apply(new Command.Delay(message("b", "y", 1, false), now + 3000, null, 0, 0));
    pass(0);
    List<DelayedMessage> waiting = store.readDelayed(0, 10);
    long id = waiting.getFirst().id();

    Outcome dropped = apply(new Command.DropDelayed(id));
    Outcome again = apply(new Command.DropDelayed(id));
    pass(4);

    assertThat(waiting).extracting(one -> one.message().topic()).containsExactly("a", "b");
    assertThat(store.readDelayed(waiting.getLast().id(), 10)).isEmpty();
    assertThat(dropped).isEqualTo(new Outcome.Found(true));
    assertThat(again).isEqualTo(new Outcome.Found(false));
    assertThat(effects.published).hasSize(1);
    assertThat(store.sizes().delayedMessages()).isZero();
    assertThat(store.sizes().bytes()).isZero();
  }

  @Test
  void an_exclusive_filter_has_one_holder_until_it_lets_go() throws Exception {
    long first = claim("c", false, 60, null).epoch();
    long second = claim("d", false, 60, null).epoch();
    StoredSubscription wanted = subscription("$exclusive/a", 1);

    Outcome taken = apply(new Command.Subscribe("c", first, List.of(wanted)));
    Outcome refused = apply(new Command.Subscribe("d", second, List.of(wanted)));
    apply(new Command.Unsubscribe("c", first, List.of(wanted.filter())));
    Outcome free = apply(new Command.Subscribe("d", second, List.of(wanted)));

    assertThat(reasons(taken)).containsExactly(ReasonCode.GRANTED_QOS_1);
    assertThat(reasons(refused)).containsExactly(ReasonCode.QUOTA_EXCEEDED);
    assertThat(reasons(free)).containsExactly(ReasonCode.GRANTED_QOS_1);
  }

  @Test
  void no_local_keeps_a_message_from_its_publisher() throws Exception {
    long epoch = claim("c", false, 60, null).epoch();
    apply(
        new Command.Subscribe(
            "c",
            epoch,
            List.of(new StoredSubscription(SubscriptionFilter.parse("a"), 1, true, false, 0, 0))));

    apply(new Command.Append(from("c", "mine"), "c", epoch, 0, List.of()));
    apply(new Command.Append(from("d", "other"), "d", 0, 0, List.of()));

    assertThat(effects.queued).containsExactly("c 0 a=other");
  }

  private static Message from(String publisher, String payload) {
    return new Message(
        "a",
        new byte[] {'a'},
        payload.getBytes(StandardCharsets.UTF_8),
        new byte[0],
        1,
        false,
        0,
        publisher);
  }

  @Test
  void reading_in_pages_gives_what_reading_at_once_gives() {
    for (int i = 0; i < 57; i++) {
      append("r/" + i % 7 + "/" + i, "x", 0, true);
    }
    append("r", "x", 0, true);
    append("$sys/x", "x", 0, true);
    for (String filter : List.of("#", "r/#", "r/+/+", "+/3/#", "r/3/+", "+", "$sys/#")) {
      List<String> whole = topics(store.readRetained(filter, null, 1000));

      List<String> paged = new ArrayList<>();
      String after = null;
      do {
        State.RetainedPage page = store.readRetained(filter, after, 4);
        paged.addAll(topics(page));
        after = page.next();
      } while (after != null);

      assertThat(paged).as(filter).isEqualTo(whole).doesNotHaveDuplicates();
      assertThat(whole)
          .as(filter)
          .allMatch(topic -> io.relais.protocol.Topics.matches(filter, topic));
    }
    assertThat(topics(store.readRetained("#", null, 1000))).hasSize(58);
  }

  private static List<String> topics(State.RetainedPage page) {
    return page.messages().stream().map(Message::topic).toList();
  }

  private static List<ReasonCode> reasons(Outcome outcome) {
    return outcome instanceof Outcome.Subscribed made ? made.reasons() : List.of();
  }

  private Outcome apply(Command command) {
    Outcome outcome = store.apply(command, now);
    store.commit(now);
    return outcome;
  }

  private void limit(StoreLimits limits) {
    apply(new Command.SetLimits(limits));
  }

  private Outcome.Claimed claim(
      String clientId, boolean cleanStart, long expirySeconds, Command.@Nullable StoredWill will) {
    return (Outcome.Claimed)
        apply(new Command.Claim(clientId, NODE, 1, cleanStart, true, expirySeconds, 2, will));
  }

  private void release(String clientId, long epoch, boolean publishWill) {
    apply(
        new Command.Release(
            clientId, epoch, publishWill ? Command.Parting.LOST : Command.Parting.GOODBYE, -1, 0));
  }

  private static StoredSubscription subscription(String filter, int qos) throws MalformedPacket {
    return new StoredSubscription(SubscriptionFilter.parse(filter), qos, false, false, 0, 0);
  }

  private void subscribe(String clientId, long epoch, String filter, int qos)
      throws MalformedPacket {
    apply(new Command.Subscribe(clientId, epoch, List.of(subscription(filter, qos))));
  }

  private static Message message(String topic, String payload, int qos, boolean retain) {
    return Message.of(topic, payload.getBytes(StandardCharsets.UTF_8), qos, retain);
  }

  private Outcome append(String topic, String payload, int qos, boolean retain) {
    return apply(new Command.Append(message(topic, payload, qos, retain), null, 0, 0, List.of()));
  }

  private static Command.StoredWill will(String topic, long delaySeconds) {
    return new Command.StoredWill(message(topic, "bye", 0, false), delaySeconds, -1);
  }

  /// Time goes by, and what is due happens.
  private void pass(int seconds) {
    now += seconds * 1000L;
    for (Command.Due due : store.due(now, 100)) {
      apply(new Command.Fire(due));
    }
  }
}
