package io.atoll.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.daemon.store.FolderLock;
import io.atoll.runtime.driver.Fingerprint.Finding;
import io.atoll.runtime.driver.Fingerprint.Finding.Level;
import io.atoll.runtime.process.SupervisorBinary;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/// What can be in the way of a start, and how it is told.
class InTheWayTest {
  @TempDir Path temp;

  @Test
  @EnabledOnOs(OS.LINUX)
  void theOwnerOfAPortIsFound() throws Exception {
    for (String host : new String[] {"127.0.0.1", "::1", "0.0.0.0"}) {
      int port;
      try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName(host))) {
        port = socket.getLocalPort();
        assertThat(PortOwner.of(port)).as(host).contains(ProcessHandle.current().pid());
        assertThat(PortOwner.words(port)).contains("process " + ProcessHandle.current().pid());
      }
      assertThat(PortOwner.words(port)).isEmpty();
    }
  }

  @Test
  void aFolderServesOneDaemon() {
    Path folder = temp.resolve("data");
    try (FolderLock _ = DataFolder.take(folder)) {
      assertThatThrownBy(() -> DataFolder.take(folder))
          .hasMessageContaining("pid " + ProcessHandle.current().pid())
          .isInstanceOfSatisfying(
              AtollException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CONFLICT));
      assertThat(FolderLock.holder(DataFolder.lock(folder)))
          .hasValue(ProcessHandle.current().pid());
    }
    DataFolder.take(folder).close();
  }

  private Path program(String name, byte[] content) throws Exception {
    Path file = temp.resolve(name);
    Files.write(file, content);
    return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void aSupervisorThatCannotWorkIsToldApart() throws Exception {
    Path good = program("good", "#!/bin/sh\necho 2\n".getBytes());
    assertThat(SupervisorProgram.tried(good).level()).isEqualTo(Level.OK);
    byte[] foreign = new byte[64];
    foreign[0] = 0x7f;
    foreign[1] = 'E';
    foreign[2] = 'L';
    foreign[3] = 'F';
    foreign[18] = (byte) (ThisMachine.arch().equals("arm64") ? 62 : 183);
    assertMissing(program("foreign", foreign), "this machine is " + ThisMachine.arch());
    assertMissing(program("older", "#!/bin/sh\necho 1\n".getBytes()), "speaks protocol 1");
    assertMissing(program("newer", "#!/bin/sh\necho 99\n".getBytes()), "speaks protocol 99");
    assertMissing(program("other", "#!/bin/sh\nexit 3\n".getBytes()), "it ended with 3");
    assertMissing(program("hangs", "#!/bin/sh\nexec sleep 60\n".getBytes()), "did not answer");
    assertMissing(temp.resolve("none"), "there is no ");
    Path closed = Files.writeString(temp.resolve("closed"), "no program");
    assertMissing(closed, "may not be executed");
  }

  /// What this checkout builds is what this daemon speaks with.
  @Test
  @Tag("real")
  @EnabledOnOs(OS.LINUX)
  void theSupervisorOfThisTreeIsTheRightOne() throws Exception {
    assertThat(SupervisorProgram.tried(SupervisorBinary.path()).level()).isEqualTo(Level.OK);
  }

  private static void assertMissing(Path program, String words) throws Exception {
    Finding found = SupervisorProgram.tried(program);
    assertThat(found.level()).isEqualTo(Level.MISSING);
    assertThat(found.cause()).contains(words);
    assertThat(found.remedy()).isNotEmpty();
  }
}
