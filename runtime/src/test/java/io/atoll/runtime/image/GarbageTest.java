package io.atoll.runtime.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.atoll.core.error.AtollException;
import io.atoll.runtime.image.content.Draft;
import io.atoll.runtime.image.content.Reference;
import io.atoll.runtime.image.layer.Tars;
import io.atoll.runtime.image.registry.Credentials;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class GarbageTest {
  private static final Duration PATIENCE = Duration.ofMillis(200);
  private static final int SIZE = 100_000;

  @TempDir Path folder;
  private Images images;
  private Garbage garbage;

  @BeforeEach
  void open() {
    images = new Images(ImageSettings.usual(folder.resolve("store"), Credentials.NONE));
    garbage = new Garbage(images);
  }

  private Reference image(String name) throws Exception {
    byte[] noise = new byte[SIZE];
    new Random(name.hashCode()).nextBytes(noise);
    Path tar = folder.resolve(name);
    Files.write(tar, new Tars().file("etc/noise", noise, 0644, Map.of()).bytes());
    Reference image = new Imports(images).take(tar, name, null, ImageProgress.SILENT);
    Thread.sleep(20); // so that one is older than the other
    return image;
  }

  @Test
  void theLongestUnusedGoFirstAndWhatRunsStays() throws Exception {
    Reference running = image("running");
    Reference old = image("old");
    Reference used = image("used");
    images.leases().take("run-1", running.digest());
    images.get("used");

    Garbage.Outcome nothing = garbage.collect(10 * SIZE, PATIENCE);
    assertThat(nothing.removed()).isEmpty();
    assertThat(nothing.after()).isGreaterThan(3 * SIZE);

    Garbage.Outcome some = garbage.collect(2 * SIZE + SIZE / 2, PATIENCE);
    assertThat(some.removed()).containsExactly("old");
    assertThat(images.store().has(old.digest())).isFalse();
    assertThat(some.after()).isLessThanOrEqualTo(2 * SIZE + SIZE / 2);

    Garbage.Outcome all = garbage.collect(0, PATIENCE);
    assertThat(all.removed()).containsExactly("used");
    assertThat(all.kept()).containsExactly("running");
    assertThat(all.after()).isGreaterThan(SIZE);
    images.unpack(running, folder.resolve("out"));
    assertThat(folder.resolve("out/etc/noise")).hasSize(SIZE);
    assertThat(images.find("used")).isEmpty();
    assertThat(images.store().has(used.digest())).isFalse();

    // A lease holds although the name is gone, and over a restart.
    images.forget(running);
    open();
    garbage.collect(0, PATIENCE);
    images.unpack(running, folder.resolve("again"));
    images.leases().give("run-1");
    assertThat(garbage.collect(0, PATIENCE).after()).isZero();
  }

  @Test
  void whatDiedInTheMiddleGoesAndWhatCanBeGoneOnWithStaysWithinTheBudget() throws Exception {
    Reference image = image("image");
    Files.write(folder.resolve("store/drafts/new-dead"), new byte[SIZE]);
    Files.write(folder.resolve("store/rootfs/.new-dead"), new byte[SIZE]);
    Path draft = folder.resolve("store/drafts/" + "a".repeat(64));
    Files.write(draft, new byte[SIZE]);
    assertThat(garbage.collect(10 * SIZE, PATIENCE).after()).isLessThan(3 * SIZE);
    assertThat(folder.resolve("store/drafts/new-dead")).doesNotExist();
    assertThat(folder.resolve("store/rootfs/.new-dead")).doesNotExist();
    assertThat(draft).exists();
    assertThat(garbage.collect(SIZE + SIZE / 2, PATIENCE).removed()).isEmpty();
    assertThat(draft).doesNotExist();
    assertThat(images.get("image")).isEqualTo(image);
  }

  @Test
  void waitsForWhoAdds() throws Exception {
    try (Draft draft = images.store().draft(SIZE)) {
      draft.write(new byte[5], 0, 5);
      assertThatThrownBy(() -> garbage.collect(0, PATIENCE))
          .isInstanceOf(AtollException.class)
          .hasMessageContaining("just now");
    }
    assertThat(garbage.collect(0, PATIENCE).after()).isZero();
  }

  @Test
  void removesNothingWhenItCannotTellWhatIsInUse() throws Exception {
    Reference image = image("image");
    Files.writeString(folder.resolve("store/leases/x.json"), "{damaged");
    assertThatThrownBy(() -> garbage.collect(0, PATIENCE)).isInstanceOf(AtollException.class);
    assertThat(images.get("image")).isEqualTo(image);
  }
}
