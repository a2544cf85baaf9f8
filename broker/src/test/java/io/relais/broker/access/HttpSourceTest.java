package io.relais.broker.access;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.relais.broker.access.Policy.Verdict;
import io.relais.protocol.ReasonCode;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HttpSourceTest {
  private final LinkedBlockingQueue<String> questions = new LinkedBlockingQueue<>();
  private final CountDownLatch over = new CountDownLatch(1);
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private volatile int status = 200;
  private volatile String said = "";
  private volatile boolean slow;
  private HttpServer server;
  private HttpSource source;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 2_000);
    server.setExecutor(threads);
    server.createContext("/login", this::answer);
    server.start();
    source = source(Duration.ofSeconds(10));
  }

  private void answer(HttpExchange exchange) throws IOException {
    questions.add(new String(exchange.getRequestBody().readAllBytes(), UTF_8));
    if (slow) {
      try {
        over.await();
      } catch (InterruptedException _) {
        Thread.currentThread().interrupt();
      }
    }
    byte[] body = said.getBytes(UTF_8);
    exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
    if (body.length > 0) {
      exchange.getResponseBody().write(body);
    }
    exchange.close();
  }

  private HttpSource source(Duration timeout) {
    return new HttpSource(
        URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/login"), timeout);
  }

  @AfterEach
  void stop() {
    over.countDown();
    source.close();
    server.stop(0);
    threads.shutdownNow();
  }

  private Answer ask(@Nullable String username, @Nullable String password) throws Exception {
    return Tokens.ask(source, username, password);
  }

  private static @Nullable ReasonCode reason(Answer answer) {
    return answer instanceof Answer.Refuse refuse ? refuse.reason() : null;
  }

  @Test
  void the_service_is_told_who_asks_and_no_password_that_was_not_given() throws Exception {
    said = "{\"result\":\"allow\"}";

    Answer with = ask("ann", "se\"cret");
    Answer without = ask("ann", null);
    Answer nobody = ask(null, null);

    assertThat(with).isEqualTo(new Answer.Accept("ann"));
    assertThat(without).isEqualTo(new Answer.Accept("ann"));
    assertThat(nobody).isEqualTo(Answer.ABSTAIN);
    assertThat(List.copyOf(questions))
        .containsExactly(
            "{\"clientId\":\"c\",\"username\":\"ann\",\"password\":\"se\\\"cret\","
                + "\"address\":\"127.0.0.1:1\",\"listener\":\"test\"}",
            "{\"clientId\":\"c\",\"username\":\"ann\","
                + "\"address\":\"127.0.0.1:1\",\"listener\":\"test\"}");
  }

  @Test
  void its_answers_let_in_refuse_and_pass_on() throws Exception {
    said = "{\"result\":\"allow\",\"username\":\"anna\"}";
    assertThat(ask("ann", "x")).isEqualTo(new Answer.Accept("anna"));
    said = "{\"result\":\"deny\"}";
    assertThat(reason(ask("ann", "x"))).isEqualTo(ReasonCode.BAD_USER_NAME_OR_PASSWORD);
    said = "{\"result\":\"ignore\"}";
    assertThat(ask("ann", "x")).isEqualTo(Answer.ABSTAIN);
    said = "";
    status = 204;
    assertThat(ask("ann", "x")).isEqualTo(new Answer.Accept("ann"));
  }

  @Test
  void what_it_says_a_client_may_do_holds_for_that_client() throws Exception {
    said = "{\"result\":\"allow\",\"acl\":{\"pub\":[\"a/%c\"]}}";

    Answer.Accept accept = (Answer.Accept) ask("ann", "x");

    Client client = Tokens.client().with(accept.username(), accept.grant());
    Policy policy = new LivePolicy(Policy.OPEN).forClient(client);
    assertThat(policy.mayPublish(client, "a/c", 0, false, later -> {})).isEqualTo(Verdict.ALLOW);
    assertThat(policy.mayPublish(client, "a/d", 0, false, later -> {})).isEqualTo(Verdict.DENY);
    assertThat(policy.maySubscribe(client, "a/c", 0, later -> {})).isEqualTo(Verdict.DENY);
  }

  @Test
  void the_groups_that_it_tells_are_those_of_the_client() throws Exception {
    said = "{\"result\":\"allow\",\"groups\":[\"staff\",\"night\"]}";

    Answer.Accept accept = (Answer.Accept) ask("ann", "x");

    Client client = Tokens.client().with(accept.username(), accept.grant());
    assertThat(client.groups()).containsExactlyInAnyOrder("staff", "night");
    assertThat(accept.grant().ofStoredUser()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[]",
        "null",
        "yes",
        "{}",
        "{\"result\":true}",
        "{\"result\":\"ALLOW\"}",
        "{\"result\":\"deny\",\"result\":\"allow\"}",
        "{\"result\":\"allow\",\"username\":7}",
        "{\"result\":\"allow\",\"username\":\"\"}",
        "{\"result\":\"allow\",\"acl\":[\"a\"]}",
        "{\"result\":\"allow\",\"groups\":{\"a\":1}}"
      })
  void an_answer_that_is_not_clear_refuses(String unclear) throws Exception {
    said = unclear;

    assertThat(reason(ask("ann", "x"))).isEqualTo(ReasonCode.SERVER_UNAVAILABLE);
  }

  @ParameterizedTest
  @ValueSource(ints = {201, 302, 401, 500})
  void another_status_refuses_whatever_the_answer_says(int other) throws Exception {
    status = other;
    said = "{\"result\":\"allow\"}";

    Answer answer = ask("ann", "secret");

    assertThat(reason(answer)).isEqualTo(ReasonCode.SERVER_UNAVAILABLE);
    assertThat(answer.toString()).contains("status " + other).doesNotContain("secret");
  }

  @Test
  void an_answer_that_is_too_large_refuses() throws Exception {
    said = "{\"result\":\"allow\"}" + " ".repeat(70_000);

    assertThat(reason(ask("ann", "x"))).isEqualTo(ReasonCode.SERVER_UNAVAILABLE);
  }

  @Test
  void a_service_that_is_slow_or_down_refuses() throws Exception {
    slow = true;
    try (HttpSource hasty = source(Duration.ofMillis(100))) {
      assertThat(Tokens.ask(hasty, "ann", "x").toString())
          .contains("SERVER_UNAVAILABLE")
          .contains("within 100 ms");
    }
    over.countDown();
    server.stop(0);

    assertThat(reason(ask("ann", "x"))).isEqualTo(ReasonCode.SERVER_UNAVAILABLE);
  }

  @Test
  void who_comes_when_too_many_wait_is_refused_as_busy() throws Exception {
    slow = true;
    said = "{\"result\":\"allow\"}";
    var answers = new ConcurrentLinkedQueue<Answer>();
    var all = new CountDownLatch(HttpSource.ASKED_MAX);
    for (int i = 0; i < HttpSource.ASKED_MAX; i++) {
      source.authenticate(
          Tokens.client(),
          "u" + i,
          null,
          answer -> {
            answers.add(answer);
            all.countDown();
          });
    }

    Answer tooMany = ask("ann", "x");
    over.countDown();

    assertThat(reason(tooMany)).isEqualTo(ReasonCode.SERVER_BUSY);
    assertThat(all.await(30, TimeUnit.SECONDS)).isTrue();
    assertThat(answers).allMatch(Answer.Accept.class::isInstance);
  }

  @Test
  void a_password_that_is_no_text_is_refused_without_asking() throws Exception {
    var answers = new ConcurrentLinkedQueue<Answer>();

    source.authenticate(Tokens.client(), "ann", new byte[] {(byte) 0xFF}, answers::add);

    assertThat(reason(answers.remove())).isEqualTo(ReasonCode.BAD_USER_NAME_OR_PASSWORD);
    assertThat(questions).isEmpty();
  }
}
