package io.atoll.core.os;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@EnabledOnOs(OS.LINUX)
class SpawnerTest {
  private static final Path SHELL = Path.of("/bin/sh");
  @TempDir Path folder;

  @BeforeEach
  void nativeCallsWork() {
    assertThat(Native.missing()).isNull();
  }

  @Test
  void theProgramGetsArgumentsAndASessionOfItsOwn() throws Exception {
    Path out = folder.resolve("out");
    int pid;
    try (UnixListener listener = UnixListener.bind(folder.resolve("s"), 1)) {
      String script = "cat /proc/$$/stat > $0.new; echo \"$1\" >> $0.new; mv $0.new $0; exit 3";
      List<String> arguments = List.of("-c", script, out.toString(), "a b");
      pid = Spawner.spawn(SHELL, arguments, listener.descriptor(), 3);
    }
    await().until(() -> Files.exists(out));
    List<String> lines = Files.readAllLines(out);
    String[] stat = lines.get(0).substring(lines.get(0).lastIndexOf(')') + 2).split(" ");
    assertThat(stat[3]).isEqualTo(String.valueOf(pid)); // the session
    assertThat(lines.get(1)).isEqualTo("a b");
    await().until(() -> Children.reap(pid));
    assertThat(ProcessHandle.of(pid)).isEmpty();
  }

  @Test
  void clientsMayConnectBeforeTheProgramRunsAtAPathOfAnyLength() throws Exception {
    Path deep = folder;
    while (deep.toString().length() < 300) {
      deep = deep.resolve("a-folder-with-a-long-name");
    }
    Files.createDirectories(deep);
    Path socket = deep.resolve("sock");
    try (UnixListener listener = UnixListener.bind(socket, 4);
        SocketChannel client = UnixListener.connect(socket)) {
      client.write(ByteBuffer.wrap(new byte[] {1}));
      assertThat(listener.descriptor()).isPositive();
      assertThatThrownBy(() -> UnixListener.bind(socket, 4))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("address in use");
    }
  }

  @Test
  void saysWhatCannotBeExecuted() throws Exception {
    try (UnixListener listener = UnixListener.bind(folder.resolve("s"), 1)) {
      assertThatThrownBy(
              () -> Spawner.spawn(Path.of("/no/such"), List.of(), listener.descriptor(), 3))
          .isInstanceOf(IOException.class)
          .hasMessage("executing /no/such: no such file or directory");
    }
  }

  @Test
  void signals() throws Exception {
    int pid;
    try (UnixListener listener = UnixListener.bind(folder.resolve("s"), 1)) {
      pid = Spawner.spawn(SHELL, List.of("-c", "exec sleep 100"), listener.descriptor(), 3);
    }
    assertThat(Children.reap(pid)).isFalse();
    assertThat(Children.signal(pid, Children.SIGKILL)).isTrue();
    await().until(() -> Children.reap(pid));
    assertThat(Children.signal(pid, Children.SIGKILL)).isFalse();
    assertThatThrownBy(() -> Children.signal(1, 9)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void tellsFacts() throws Exception {
    assertThat(Machine.bootId()).hasSize(36);
    assertThat(Machine.uid()).isEqualTo(Files.getAttribute(folder, "unix:uid"));
  }
}
