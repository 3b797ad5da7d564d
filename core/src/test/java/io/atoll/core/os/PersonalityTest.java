package io.atoll.core.os;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class PersonalityTest {
  /// The trial must not stick to whoever asked: programs that it starts would take the machine
  /// for a 32-bit one.
  @Test
  void aTrialLeavesNothingBehind() throws Exception {
    boolean first = Personality.takes32Bit();
    if (System.getProperty("os.arch").equals("amd64")) {
      assertThat(first).isTrue(); // on x86 that needs nothing of the processor
    }
    assertThat(Personality.takes32Bit()).isEqualTo(first);
    Path own = Path.of("/proc/thread-self/personality");
    if (Files.isReadable(own)) {
      assertThat(Files.readString(own).strip()).isEqualTo("00000000");
    }
  }
}
