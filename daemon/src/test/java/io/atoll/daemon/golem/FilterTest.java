package io.atoll.daemon.golem;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.atoll.core.error.AtollException;
import io.atoll.core.json.Json;
import io.atoll.daemon.store.Fuzz;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What demands ask, and whether offers are it; and what batches say.
class FilterTest {
  private static final JsonNode OFFER =
      Json.mapper()
          .valueToTree(
              java.util.Map.of(
                  "golem.runtime.name",
                  "docker",
                  "golem.inf.mem.gib",
                  7.5,
                  "golem.runtime.capabilities",
                  List.of("vpn", "inet"),
                  "golem.node.id.name",
                  "ada-lovelace"));

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "()",
        "(&)",
        "(golem.runtime.name=docker)",
        "(golem.runtime.name=*)",
        "(golem.runtime.name!=vm)",
        "(golem.node.id.name=ada*lace)",
        "(golem.runtime.capabilities=vpn)",
        "(golem.runtime.capabilities!=gpu)",
        "(golem.inf.mem.gib>=0.5)",
        "(golem.inf.mem.gib>=7.50)",
        "(golem.inf.mem.gib=7.5)",
        "(golem.inf.mem.gib<10)",
        "(&(golem.inf.mem.gib>=1)\n\t(golem.runtime.name=docker)\n)",
        "(|(golem.runtime.name=vm)(golem.runtime.name=docker))",
        "(!(golem.runtime.name=vm))"
      })
  void itIsAskedFor(String filter) {
    assertThat(Filter.parse(filter).matches(OFFER)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "(golem.runtime.name=vm)",
        "(golem.runtime.capabilities=gpu)",
        "(golem.runtime.capabilities!=vpn)",
        "(golem.inf.mem.gib>=8)",
        "(golem.inf.mem.gib>7.5)",
        "(golem.inf.cpu.threads>=1)",
        "(golem.payment.x=*)",
        "(golem.node.id.name=ada*e*e*e*e)",
        "(&(golem.runtime.name=docker)(golem.runtime.name=vm))",
        "(|)"
      })
  void itIsNot(String filter) {
    assertThat(Filter.parse(filter).matches(OFFER)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"x", "(", "(a", "(a=1", "(&(a=1)", "(a=1))", "(=1)", "(a~1)", "(a=(b))"})
  void whatIsNoFilterIsRefused(String filter) {
    assertThatThrownBy(() -> Filter.parse(filter)).isInstanceOf(AtollException.class);
  }

  @Test
  void theLeastThatIsAskedOfANumberIsFound() {
    Filter filter = Filter.parse("(&(a>=1)(&(a>=2.5)(b=7))(|(a>=9)))");
    assertThat(filter.least("a")).hasValueSatisfying(it -> assertThat(it).hasToString("2.5"));
    assertThat(filter.least("c")).isEmpty();
  }

  @Test
  void depthIsBounded() {
    assertThatThrownBy(() -> Filter.parse("(!".repeat(100_000)))
        .isInstanceOf(AtollException.class)
        .hasMessageContaining("deeper");
  }

  @Test
  void damagedFilters() {
    Random random = Fuzz.random("FilterTest.damagedFilters");
    List<String> good =
        List.of(
            "(&(golem.runtime.name=mock)(golem.inf.mem.gib>=0.5)(|(a!=1)(!(b<2))))",
            "(golem.node.id.name=*a*b*)");
    for (int i = Fuzz.rounds(20_000); i > 0; i--) {
      String text = damaged(random, good.get(random.nextInt(good.size())));
      try {
        Filter.parse(text).matches(OFFER);
      } catch (AtollException refused) {
        assertThat(refused.text()).startsWith("constraints: ");
      }
    }
  }

  @Test
  void damagedScripts() {
    Random random = Fuzz.random("FilterTest.damagedScripts");
    String script =
        "[{\"deploy\":{\"net\":[{\"id\":\"n1\",\"ip\":\"10.0.0.0\",\"nodeIp\":\"10.0.0.2\"}]}},"
            + "{\"start\":{\"args\":[\"a\"]}},{\"run\":{\"entry_point\":\"/bin/sh\",\"args\":[\"-c\"],"
            + "\"env\":{\"A\":\"b\"}}},{\"terminate\":{}}]";
    assertThat(ExeScript.parse(body(script)).commands()).hasSize(4);
    for (int i = Fuzz.rounds(20_000); i > 0; i--) {
      try {
        ExeScript.parse(body(damaged(random, script)));
      } catch (AtollException refused) {
        assertThat(refused.hint()).isNotEmpty();
      }
    }
  }

  private static byte[] body(String script) {
    return Json.bytes(java.util.Map.of("text", script));
  }

  private static String damaged(Random random, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    for (int hits = random.nextInt(4); hits >= 0; hits--) {
      bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(128);
    }
    int length = random.nextInt(4) == 0 ? random.nextInt(bytes.length) : bytes.length;
    return new String(bytes, 0, length, StandardCharsets.UTF_8);
  }
}
