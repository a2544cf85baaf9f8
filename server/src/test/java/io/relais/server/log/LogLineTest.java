package io.relais.server.log;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxy;
import io.relais.server.config.LogLevel;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class LogLineTest {
  private final Logger logger = new LoggerContext().getLogger("io.relais.broker.Connection");

  @Test
  void an_event_is_one_line_even_if_a_client_chose_its_text() {
    LoggingEvent event = event("client {} left", null, "a\r\n2026-01-01 ERROR forged\u2028x");

    String line = new LogLine().doLayout(event);

    assertThat(line)
        .matches(
            "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}(Z|[+-]\\d\\d:\\d\\d) INFO  Connection: client"
                + " a\\\\u000d\\\\u000a2026-01-01 ERROR forged\\\\u2028x left\\n");
  }

  @Test
  void a_stack_trace_is_indented() {
    String text = new LogLine().doLayout(event("failed", new IllegalStateException("why")));

    assertThat(text.lines().skip(1)).isNotEmpty().allMatch(trace -> trace.startsWith("    "));
    assertThat(text).contains("IllegalStateException: why");
  }

  @Test
  void logback_uses_this_set_up_and_the_level_can_be_changed() {
    Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    assertThat(root.getAppender("stderr")).isNotNull();

    StderrLog.setLevel(LogLevel.WARN);

    assertThat(root.getLevel()).isEqualTo(Level.WARN);
    StderrLog.setLevel(LogLevel.INFO);
    assertThat(root.getLevel()).isEqualTo(Level.INFO);
  }

  private LoggingEvent event(String message, @Nullable Throwable thrown, Object... arguments) {
    LoggingEvent event = new LoggingEvent();
    event.setLoggerName(logger.getName());
    event.setLoggerContext(logger.getLoggerContext());
    event.setLevel(Level.INFO);
    event.setMessage(message);
    event.setArgumentArray(arguments);
    if (thrown != null) {
      event.setThrowableProxy(new ThrowableProxy(thrown));
    }
    return event;
  }
}
