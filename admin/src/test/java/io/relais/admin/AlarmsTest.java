package io.relais.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.relais.api.Alarm;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// When alarms are raised and cleared.
class AlarmsTest {
  private static final AlarmName DROPS = AlarmName.MESSAGES_DROPPED;

  private final List<String> told = new ArrayList<>();
  private final long[] now = {1_000};
  private final Alarms alarms =
      new Alarms(
          () -> now[0],
          new Alarms.Listener() {
            @Override
            public void raised(Alarm alarm) {
              told.add("raised " + alarm.subject() + " at " + alarm.value());
            }

            @Override
            public void cleared(Alarm alarm) {
              told.add("cleared " + alarm.subject() + " at " + alarm.clearedAt());
            }
          });

  private void see(String subject, double value, int times) {
    for (int i = 0; i < times; i++) {
      now[0] += 1_000;
      alarms.see(DROPS, subject, value >= 10, value < 9, value, 10, () -> "it drops");
    }
  }

  @Test
  void an_alarm_is_raised_only_when_it_was_bad_for_as_long_as_it_takes() {
    see("a", 20, DROPS.raiseAfter - 1);
    see("a", 9.5, 1);
    see("a", 20, DROPS.raiseAfter - 1);
    List<String> before = List.copyOf(told);

    see("a", 30, 1);

    assertThat(before).isEmpty();
    assertThat(told).containsExactly("raised a at 30.0");
    assertThat(alarms.active(DROPS)).isEqualTo(1);
    assertThat(alarms.active())
        .singleElement()
        .satisfies(
            alarm -> {
              assertThat(alarm.name()).isEqualTo("messages-dropped");
              assertThat(alarm.message()).isEqualTo("it drops");
              assertThat(alarm.threshold()).isEqualTo(10);
              assertThat(alarm.clearedAt()).isNull();
            });
  }

  @Test
  void an_alarm_is_cleared_once_it_was_good_long_enough_and_not_by_what_is_between() {
    see("a", 20, DROPS.raiseAfter);

    see("a", 9.5, 100);
    see("a", 1, DROPS.clearAfter - 1);
    see("a", 10, 1);
    see("a", 1, DROPS.clearAfter - 1);
    List<String> before = List.copyOf(told);
    see("a", 1, 1);

    assertThat(before).hasSize(1);
    assertThat(told).hasSize(2).last().asString().startsWith("cleared a at 1970-");
    assertThat(alarms.active()).isEmpty();
  }

  @Test
  void alarms_of_several_subjects_stand_beside_each_other_and_go_with_them() {
    see("a", 20, DROPS.raiseAfter);
    see("b", 20, DROPS.raiseAfter);
    int both = alarms.active(DROPS);

    alarms.keepOnly(DROPS, List.of("b"));

    assertThat(both).isEqualTo(2);
    assertThat(alarms.active()).extracting(Alarm::subject).containsExactly("b");
    assertThat(told).hasSize(3).last().asString().startsWith("cleared a");
  }
}
