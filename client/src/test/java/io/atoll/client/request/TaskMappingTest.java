package io.atoll.client.request;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.atoll.client.api.TaskSpec;
import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.term.Guest;
import io.atoll.core.term.Workload.Isolation;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TaskMappingTest {
  private static TaskSpec spec(String json) {
    return TaskMapping.spec(TaskMapping.read(json.getBytes(StandardCharsets.UTF_8)));
  }

  private static AtollException refusal(String json) {
    try {
      TaskSpec spec = spec(json);
      throw new AssertionError(json + " was accepted as " + spec);
    } catch (AtollException e) {
      return e;
    }
  }

  @Test
  void fillsInTheDefaultsOfTheContract() {
    TaskSpec spec = spec("{\"command\":[\"/bin/true\"]}");
    assertThat(spec.name()).isNull();
    assertThat(spec.node()).isNull();
    assertThat(spec.priority()).isEqualTo(50);
    assertThat(spec.restart()).isEqualTo(new TaskSpec.Restart(TaskSpec.Restart.Policy.NEVER, 0, 3));
    assertThat(spec.onDisconnect()).isEqualTo(TaskSpec.OnDisconnect.KEEP);
    assertThat(spec.timeLimitSeconds()).isZero();
    assertThat(spec.graceSeconds()).isEqualTo(10);
    assertThat(spec.workload().driver()).isEqualTo("process");
    assertThat(spec.workload().isolation()).isEqualTo(Isolation.SANDBOX);
    assertThat(spec.workload().resources().cpuMillis()).isEqualTo(500);
    assertThat(spec.workload().resources().memory()).isEqualTo(256L << 20);
    assertThat(spec.workload().resources().disk()).isZero();
    assertThat(spec.workload().maxProcesses()).isEqualTo(1024);
    assertThat(spec("{\"image\":\"debian:12\"}").workload().driver()).isEqualTo("docker");
  }

  @ParameterizedTest
  @CsvSource({
    "'\"512M\"', 512000000",
    "'\"4Gi\"', 4294967296",
    "67108864, 67108864",
    "'\"67108864\"', 67108864",
    "'\"1.5G\"', 1500000000",
  })
  void readsSizesAsTextOrNumber(String memory, long bytes) {
    assertThat(
            spec("{\"command\":[\"x\"],\"memory\":" + memory + "}").workload().resources().memory())
        .isEqualTo(bytes);
  }

  @ParameterizedTest
  @CsvSource({"'\"1.5\"', 1500", "2, 2000", "0.25, 250", "'\"0.0101\"', 11", "1e2, 100000"})
  void readsCoresAsTextOrNumber(String cpus, long millis) {
    assertThat(
            spec("{\"command\":[\"x\"],\"cpus\":" + cpus + "}").workload().resources().cpuMillis())
        .isEqualTo(millis);
  }

  @Test
  void aProcessTaskMayBringItsProgramAsAnImage() {
    TaskSpec spec = spec("{\"driver\":\"process\",\"image\":\"prog\",\"command\":[\"--help\"]}");
    assertThat(spec.workload().image()).isEqualTo("prog");
    assertThat(spec.workload().command()).containsExactly("--help");
    assertThat(spec("{\"driver\":\"process\",\"image\":\"prog\"}").workload().command()).isEmpty();
  }

  @Test
  void aMicrovmTaskNeedsAnImageAndHasNoNetworkYet() {
    assertThat(spec("{\"driver\":\"microvm\",\"image\":\"debian:12\"}").workload().driver())
        .isEqualTo("microvm");
    for (String wrong :
        List.of(
            "{\"driver\":\"microvm\",\"command\":[\"x\"]}",
            "{\"driver\":\"microvm\",\"image\":\"i\",\"ports\":[\"80\"]}",
            "{\"driver\":\"microvm\",\"image\":\"i\",\"publishAll\":true}",
            "{\"driver\":\"microvm\",\"image\":\"i\",\"unsandboxed\":true}")) {
      assertThatThrownBy(() -> spec(wrong)).as(wrong).isInstanceOf(AtollException.class);
    }
  }

  @Test
  void aMachineHasDefaultsOfItsOwnAndAnIdentity() {
    TaskSpec spec =
        spec(
            "{\"driver\":\"vm\",\"image\":\"debian-12\",\"hostname\":\"a\",\"ports\":[80],"
                + "\"sshKeys\":[\"ssh-ed25519 AAAA me\"],\"userData\":\"#!/bin/sh\"}");
    assertThat(spec.workload().resources().memory()).isEqualTo(512L << 20);
    assertThat(spec.workload().resources().cpuMillis()).isEqualTo(1000);
    assertThat(spec.graceSeconds()).isEqualTo(60);
    assertThat(spec.workload().guest())
        .isEqualTo(new Guest("a", List.of("ssh-ed25519 AAAA me"), "#!/bin/sh"));
    String vm = "{\"driver\":\"vm\",\"image\":\"i\",";
    for (String wrong :
        List.of(
            "{\"driver\":\"vm\"}",
            vm + "\"publishAll\":true}",
            vm + "\"memory\":\"128Mi\"}",
            vm + "\"hostname\":\"-a\"}",
            vm + "\"sshKeys\":[\"command=x ssh-ed25519 AAAA\"]}",
            vm + "\"sshKeys\":[\"ssh-ed25519 AAAA a\\nb\"]}",
            vm + "\"userData\":\"" + "x".repeat(70_000) + "\"}",
            "{\"command\":[\"x\"],\"hostname\":\"a\"}",
            "{\"image\":\"i\",\"sshKeys\":[\"ssh-ed25519 AAAA me\"]}",
            "{\"driver\":\"microvm\",\"image\":\"i\",\"userData\":\"#!\"}")) {
      assertThatThrownBy(() -> spec(wrong)).as(wrong).isInstanceOf(AtollException.class);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "never, NEVER, 0",
    "on-failure, ON_FAILURE, 3",
    "on-failure:7, ON_FAILURE, 7",
    "on-failure:0, ON_FAILURE, 0",
    "always, ALWAYS, 0",
    "Always:2, ALWAYS, 2",
  })
  void readsRestartPolicies(String text, String policy, int attempts) {
    TaskSpec.Restart restart = spec("{\"command\":[\"x\"],\"restart\":\"" + text + "\"}").restart();
    assertThat(restart.policy().name()).isEqualTo(policy);
    assertThat(restart.attempts()).isEqualTo(attempts);
  }

  @Test
  void roundsATimeLimitUpSoThatItNeverBecomesNone() {
    assertThat(spec("{\"command\":[\"x\"],\"timeLimit\":\"1ms\"}").timeLimitSeconds()).isEqualTo(1);
    assertThat(spec("{\"command\":[\"x\"],\"timeLimit\":90}").timeLimitSeconds()).isEqualTo(90);
    assertThat(spec("{\"command\":[\"x\"],\"timeLimit\":\"2h30m\"}").timeLimitSeconds())
        .isEqualTo(9000);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          "name":"Web"                    | name
          "name":"-web"                   | name
          "name":""                       | name
          "name":"t0123456789ab"          | name
          "cpus":"0"                      | cpus
          "cpus":"NaN"                    | cpus
          "cpus":"1001"                   | cpus
          "cpus":"1e-999999999"           | cpus
          "memory":"1M"                   | memory
          "memory":"9Pi"                  | memory
          "memory":-1                     | memory
          "memory":1.5                    | memory
          "memory":"512 parsecs"          | memory
          "priority":101                  | priority
          "priority":"high"               | priority
          "priority":1.5                  | priority
          "priority":99999999999          | priority
          "node":"two words"              | node
          "node":"a\\u202eb"              | node
          "restart":"never:3"             | restart
          "restart":"sometimes"           | restart
          "restart":"on-failure:-1"       | restart
          "onDisconnect":"panic"          | onDisconnect
          "timeLimit":"soon"              | timeLimit
          "timeLimit":"1h30"              | timeLimit
          "timeLimit":"99999999999d"      | timeLimit
          "grace":"-1s"                   | grace
          "maxProcesses":0                | maxProcesses
          "image":"two words"             | image
          "publishAll":true               | publishAll
          "ports":["http"]                | ports
          "env":{"":"x"}                  | env
          "env":{"A B":"x"}               | env
          "env":{"A":"\\u0000"}           | env.A
          "env":["A=B"]                   | env
          "unsandboxed":"yes"             | unsandboxed
          """)
  void namesTheFieldAndTheRemedy(String field, String name) {
    AtollException e = refusal("{\"command\":[\"x\"]," + field + "}");
    assertThat(e.code()).isEqualTo(ErrorCode.BAD_REQUEST);
    assertThat(e.text()).startsWith(name).doesNotContain("\n");
    assertThat(e.hint()).isNotBlank();
  }

  @Test
  void namesTheUnknownFieldAndTheOneThatWasMeant() {
    AtollException e = refusal("{\"comand\":[\"x\"]}");
    assertThat(e.text()).contains("'comand'");
    assertThat(e.hint()).contains("did you mean 'command'?");
  }

  @Test
  void refusesWhatNoKernelTakes() {
    assertThat(refusal("{\"command\":[\"x\",\"" + "y".repeat(131_072) + "\"]}").text())
        .startsWith("command[1]");
    assertThat(refusal("{\"command\":[\" \"]}").text()).startsWith("command[0]");
    assertThat(refusal("{\"command\":[\"\\ud800\"]}").text()).startsWith("command[0]");
    assertThat(
            spec("{\"command\":[\"sh\",\"-c\",\"echo a\\necho \\ud83d\\ude00\"]}")
                .workload()
                .command())
        .hasSize(3);
  }

  @Test
  void aContainerIsNeverUnsandboxed() {
    assertThat(refusal("{\"image\":\"debian:12\",\"unsandboxed\":true}").text())
        .startsWith("unsandboxed");
    assertThat(refusal("{\"image\":\"prog\",\"driver\":\"process\",\"unsandboxed\":true}").text())
        .startsWith("unsandboxed");
    assertThat(spec("{\"command\":[\"x\"],\"unsandboxed\":true}").workload().isolation())
        .isEqualTo(Isolation.BARE);
  }

  @Test
  void deepNestingIsRefusedNotRunInto() {
    String deep = "{\"env\":" + "[".repeat(50_000) + "]".repeat(50_000) + "}";
    assertThatExceptionOfType(AtollException.class).isThrownBy(() -> spec(deep));
  }
}
