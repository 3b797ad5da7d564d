package io.atoll.runtime.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UidRangeTest {
  @TempDir Path folder;
  private Path one;
  private Path other;

  @BeforeEach
  void makeDaemons() throws IOException {
    one = Files.createDirectory(folder.resolve("one"));
    other = Files.createDirectory(folder.resolve("other"));
  }

  @Test
  void noTwoRunsShareAUidAndNoTwoDaemonsABlock() throws Exception {
    UidRange mine = UidRange.claim(folder, one);
    UidRange theirs = UidRange.claim(folder, other);
    Set<Integer> seen = new HashSet<>();
    for (int i = 0; i < UidRange.SIZE; i++) {
      assertThat(seen.add(mine.take("m" + i))).isTrue();
      assertThat(seen.add(theirs.take("t" + i))).isTrue();
    }
    assertThatThrownBy(() -> mine.take("more")).isInstanceOf(IOException.class);
    assertThat(seen).allMatch(uid -> uid >= 2_000_000_000);
  }

  @Test
  void aDaemonKeepsItsBlockAndAGoneOneGivesItUp() throws Exception {
    int first = UidRange.claim(folder, one).take("a");
    assertThat(UidRange.claim(folder, one).take("a")).isEqualTo(first);
    Files.delete(one);
    assertThat(UidRange.claim(folder, other).take("a")).isEqualTo(first);
  }

  @Test
  void aUidGivenBackTwiceIsNotTakenFromTheNext() throws Exception {
    UidRange range = UidRange.claim(folder, one);
    int uid = range.take("a");
    range.release(uid, "a");
    for (int i = 0; i < UidRange.SIZE - 1; i++) {
      range.take("x" + i);
    }
    assertThat(range.take("b")).isEqualTo(uid);
    range.release(uid, "a");
    assertThatThrownBy(() -> range.take("c")).isInstanceOf(IOException.class);
  }

  @Test
  void aRunFoundAgainKeepsItsUid() throws Exception {
    int uid = UidRange.claim(folder, one).take("a");
    UidRange again = UidRange.claim(folder, one);
    again.hold(uid, "a");
    assertThat(again.take("b")).isNotEqualTo(uid);
  }
}
