package io.atoll.runtime.qemu.saved;

import com.github.luben.zstd.ZstdInputStream;
import com.github.luben.zstd.ZstdOutputStream;
import io.atoll.core.json.Json;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/// A machine that gave its memory back, in its run's folder. While the file has its name it is the
/// truth: a QEMU that there still is must not run on, and may be ended. Before, there is a draft,
/// which is worth nothing.
public record DeepFile(Path folder) {
  private static final int MAGIC = 0x41544c44; // ATLD
  private static final int LEVEL = 1;
  private static final int BUFFER = 1 << 20;

  /// @param cpuNanos processor time that the machine had used
  /// @param at when it was saved, nanoseconds since the epoch
  public record Remembered(long cpuNanos, long memoryPeak, long at) {}

  /// What writes the machine.
  public interface Source {
    void writeTo(OutputStream to) throws IOException, InterruptedException;
  }

  /// What takes the machine.
  public interface Sink {
    void readFrom(InputStream from) throws IOException, InterruptedException;
  }

  private Path path() {
    return folder.resolve("deep");
  }

  private Path draft() {
    return folder.resolve("deep.new");
  }

  public boolean exists() {
    return Files.exists(path());
  }

  /// Bytes of the file; 0 if there is none.
  public long size() {
    return path().toFile().length();
  }

  /// Writes the draft to the end, and to the disk. Readable by this user alone.
  public void write(Remembered remembered, Source machine)
      throws IOException, InterruptedException {
    dropDraft();
    try (FileChannel file =
        FileChannel.open(
            draft(),
            Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
      OutputStream out = new BufferedOutputStream(Channels.newOutputStream(file), BUFFER);
      DataOutputStream head = new DataOutputStream(out);
      head.writeInt(MAGIC);
      head.writeUTF(Json.write(remembered));
      head.flush();
      try (ZstdOutputStream packed = new ZstdOutputStream(out, LEVEL).setChecksum(true)) {
        machine.writeTo(packed);
      }
    }
    try (FileChannel file = FileChannel.open(draft(), StandardOpenOption.WRITE)) {
      file.force(true);
    }
  }

  /// The draft becomes the truth. If this fails there is no file.
  public void commit() throws IOException {
    Files.move(draft(), path(), StandardCopyOption.ATOMIC_MOVE);
    try {
      sync();
    } catch (IOException e) {
      Files.deleteIfExists(path());
      throw e;
    }
  }

  private void sync() throws IOException {
    try (FileChannel whole = FileChannel.open(folder, StandardOpenOption.READ)) {
      whole.force(true);
    }
  }

  public Remembered remembered() throws IOException {
    try (DataInputStream in = open()) {
      return Json.read(in.readUTF(), Remembered.class);
    }
  }

  private DataInputStream open() throws IOException {
    DataInputStream in =
        new DataInputStream(new BufferedInputStream(Files.newInputStream(path()), BUFFER));
    if (in.readInt() != MAGIC) {
      in.close();
      throw new IOException(path() + " is no saved machine");
    }
    return in;
  }

  /// @throws IOException also for a file that was damaged
  public void read(Sink machine) throws IOException, InterruptedException {
    try (DataInputStream in = open()) {
      var _ = in.readUTF();
      try (ZstdInputStream unpacked = new ZstdInputStream(in)) {
        machine.readFrom(unpacked);
      }
    }
  }

  /// From now on, also after a power cut, the machine is what its QEMU has.
  public void drop() throws IOException {
    if (Files.deleteIfExists(path())) {
      sync();
    }
  }

  public void dropDraft() throws IOException {
    Files.deleteIfExists(draft());
  }
}
