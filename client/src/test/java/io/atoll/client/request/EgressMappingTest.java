package io.atoll.client.request;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.atoll.client.api.EgressRuleView;
import io.atoll.client.api.EgressView;
import io.atoll.core.error.AtollException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;

class EgressMappingTest {
  private static EgressView read(String json) {
    return EgressMapping.egress(json.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void rulesAreReadInTheirOneForm() {
    EgressView read =
        read(
            "{'rules': [{'action': 'allow', 'to': '9.9.9.9', 'protocol': 'udp', 'ports': 53},"
                + " {'action': 'deny', 'to': '10.0.0.0/8'},"
                + " {'action': 'allow', 'to': '::/0', 'protocol': 'tcp', 'ports': '80-443'}],"
                + " 'resolvers': ['9.9.9.9', '[2620:fe::fe]:5353']}");
    assertThat(read.rules())
        .containsExactly(
            new EgressRuleView("allow", "9.9.9.9/32", "udp", "53"),
            new EgressRuleView("deny", "10.0.0.0/8", "any", null),
            new EgressRuleView("allow", "::/0", "tcp", "80-443"));
    assertThat(read.rules().getLast().text()).isEqualTo("allow ::/0 tcp 80-443");
    assertThat(EgressMapping.resolver("[2620:fe::fe]:5353").port()).isEqualTo(5353);
    assertThat(EgressMapping.resolver("2620:fe::fe").port()).isEqualTo(53);
    assertThat(read("{'rules': [], 'resolvers': []}").rules()).isEmpty();
  }

  @Test
  void whatMakesNoSenseIsRefusedWithWhatToWrite() {
    Map.of(
            "{'rules': [{'action': 'permit', 'to': '::/0'}]}", "rules[0].action",
            "{'rules': [{'action': 'allow'}]}", "rules[0].to: missing",
            "{'rules': [{'action': 'allow', 'to': '10.0.0.1/8'}]}", "did you mean 10.0.0.0/8?",
            "{'rules': [{'action': 'allow', 'to': '::/0', 'ports': '80'}]}", "only tcp and udp",
            "{'rules': [{'action': 'allow', 'to': '::/0', 'protocol': 'tcp', 'ports': '9-8'}]}",
                "rules[0].ports: '9-8'",
            "{'rules': [{'action': 'allow', 'to': '::/0', 'protocol': 'sctp'}]}",
                "rules[0].protocol",
            "{'rules': [{'action': 'allow', 'to': '::/0', 'dir': 'in'}]}", "unknown field 'dir'",
            "{'resolvers': ['dns.example.org']}", "resolvers: 'dns.example.org'",
            "{'resolvers': ['9.9.9.9:0']}", "resolvers: '9.9.9.9:0'")
        .forEach(
            (json, says) ->
                assertThatThrownBy(() -> read(json))
                    .isInstanceOf(AtollException.class)
                    .hasMessageContaining(says));
  }
}
