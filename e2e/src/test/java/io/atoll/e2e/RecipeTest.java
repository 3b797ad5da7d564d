package io.atoll.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.atoll.client.api.MemberView;
import io.atoll.client.api.TaskView;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The recipe of `docs/recipes.md` that needs no virtual machines, command by command.
///
/// ```
///            ┌── web1 on p1
///   front ───┼── web2 on p2        curl ── atoll forward ── hub ── front
///   on p1    └── web3 on p3
/// ```
@Tag("real")
@Timeout(900)
class RecipeTest {
  private static final Duration PATIENCE = Duration.ofSeconds(90);

  @TempDir Path folder;
  private Pool pool;

  @BeforeEach
  void start() throws Exception {
    pool = Pool.start(folder, 3);
  }

  @AfterEach
  void stop() {
    if (pool == null) {
      return;
    }
    for (TaskView task : pool.client.tasks(false, null, 100).tasks()) {
      pool.client.stop(task.id().text());
      pool.client.task(task.id().text(), PATIENCE);
    }
    pool.close();
  }

  @Test
  void aProxyInFrontOfWebServersOnThreeProviders() throws Exception {
    RecipePage page =
        RecipePage.of("An HTTP proxy in front of web servers on three providers", folder, pool)
            .withPort(8080, Pool.freePort())
            .withPort(8081, Pool.freePort());
    assertThat(page.blocks()).isEqualTo(5);
    page.run(0, PATIENCE);
    assertThat(page.run(1, PATIENCE)).contains("web1", "web2", "web3", "front");
    assertThat(pool.client.privateNetworks().members("shop"))
        .extracting(MemberView::name)
        .containsExactlyInAnyOrder("web1", "web2", "web3", "front");

    // Servers that have only just begun are passed over, so it is asked until all are there.
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () ->
                assertThat(page.run(2, PATIENCE))
                    .contains("hello from web1", "hello from web2", "hello from web3"));
    assertThat(pool.client.privateNetworks().members("shop"))
        .extracting(MemberView::nodeName)
        .contains("p1", "p2", "p3");
    assertThat(page.run(3, PATIENCE))
        .contains("hello from web1", "hello from web2", "hello from web3");

    page.run(4, PATIENCE);
    assertThat(pool.client.privateNetworks().list()).isEmpty();
  }
}
