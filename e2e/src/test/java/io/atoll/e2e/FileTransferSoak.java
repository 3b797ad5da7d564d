package io.atoll.e2e;

import io.atoll.core.os.FolderRemoval;
import java.nio.file.Files;
import java.nio.file.Path;

/// The full size: in each round 1 GiB goes from one daemon to another, which are killed by turns,
/// four times in all. `main(ROUNDS SEED)`.
final class FileTransferSoak {
  private static final int MIB = 1024;
  private static final int KILLS = 4;

  private FileTransferSoak() {}

  public static void main(String[] arguments) throws Exception {
    int rounds = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 1;
    long seed = arguments.length > 1 ? Long.parseLong(arguments[1]) : System.nanoTime();
    Path folder = Files.createTempDirectory("atoll-transfer-");
    try (FileTransferRound daemons = new FileTransferRound(folder, seed)) {
      for (int round = 1; round <= rounds; round++) {
        long began = System.nanoTime();
        daemons.play(MIB, KILLS);
        System.out.println(
            "round " + round + ": whole after " + (System.nanoTime() - began) / 1_000_000 + " ms");
      }
    } finally {
      FolderRemoval.remove(folder);
    }
  }
}
