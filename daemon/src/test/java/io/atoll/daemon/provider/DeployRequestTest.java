package io.atoll.daemon.provider;

import static org.assertj.core.api.Assertions.assertThat;

import io.atoll.core.error.AtollException;
import io.atoll.core.testing.Fuzz;
import io.atoll.market.deploy.DeployFrames;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class DeployRequestTest {
  private static byte[] json(String text) {
    return text.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
  }

  private static final List<byte[]> GOOD =
      List.of(
          json(
              "{'type':'DepReq','id':'a-1','payment':'0xab','executor':'docker','image':'debian:12',"
                  + "'command':['sh','-c','true'],'env':{'A':'b'},'cpus':'0.5','memory':'64M',"
                  + "'ports':['80/tcp'],'timeLimit':'1h','grace':'5s','maxProcesses':64}"),
          json("{'type':'DepReq','executor':'firecracker','image':'alpine','disk':1000000}"),
          json("{'type':'Follow','job':'t0123456789ab','offset':17}"),
          json("{'type':'StopJob','job':'t0123456789ab'}"));

  @Test
  void readsWhatIsRight() {
    assertThat(GOOD).allSatisfy(json -> assertThat(DeployRequest.read(json)).isNotNull());
    assertThat(DeployRequest.read(GOOD.getFirst()))
        .isInstanceOfSatisfying(
            DeployRequest.Deploy.class,
            deploy -> {
              assertThat(deploy.spec().workload().driver()).isEqualTo("docker");
              assertThat(deploy.spec().timeLimitSeconds()).isEqualTo(3600);
              assertThat(deploy.spec().graceSeconds()).isEqualTo(5);
              assertThat(deploy.payment()).isEqualTo("0xab");
            });
    assertThat(DeployRequest.read(GOOD.get(1)))
        .isInstanceOfSatisfying(
            DeployRequest.Deploy.class,
            deploy -> assertThat(deploy.spec().workload().driver()).isEqualTo("microvm"));
  }

  @Test
  void damagedRequests() {
    Fuzz.rounds(
        "deploy",
        20_000,
        random -> {
          byte[] bytes = Fuzz.bytes(random, GOOD);
          try {
            assertThat(DeployRequest.read(bytes)).isNotNull();
          } catch (AtollException refused) {
            assertThat(refused.hint()).isNotBlank();
          }
          String id = DeployRequest.id(bytes);
          assertThat(id == null || DeployRequest.ID.matcher(id).matches()).isTrue();
          try {
            var _ = DeployFrames.read(new ByteArrayInputStream(bytes));
          } catch (IOException | AtollException refused) {
            assertThat(refused.getMessage()).isNotBlank();
          }
        });
  }
}
