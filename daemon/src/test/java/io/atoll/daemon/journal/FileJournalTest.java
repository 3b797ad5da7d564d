package io.atoll.daemon.journal;

import static io.atoll.daemon.journal.Records.agreement;
import static io.atoll.daemon.journal.Records.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.atoll.core.error.ErrorCode;
import io.atoll.daemon.journal.JournalChange.DropAgreement;
import io.atoll.daemon.journal.JournalChange.DropRun;
import io.atoll.daemon.journal.JournalChange.PutAgreement;
import io.atoll.daemon.journal.JournalChange.PutRun;
import io.atoll.daemon.store.Fuzz;
import io.atoll.daemon.store.Rows;
import io.atoll.daemon.store.StoreException;
import io.atoll.daemon.store.TinyDisk;
import io.atoll.market.activity.RunState;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileJournalTest {
  @TempDir Path folder;

  private Path file() {
    return folder.resolve("provider.journal");
  }

  private Journal.Contents reopened() {
    try (FileJournal journal = FileJournal.open(folder)) {
      return journal.load();
    }
  }

  @Test
  void whatWasCommittedIsThereAgain() throws IOException {
    try (FileJournal journal = FileJournal.open(folder)) {
      assertThat(journal.load()).isEqualTo(new Journal.Contents(List.of(), List.of()));
      journal.commit(List.of(new PutAgreement(agreement(Rows.NODE))));
      journal.commit(
          List.of(
              new PutRun(run(1, 1, RunState.ACCEPTED)), new PutRun(run(2, 2, RunState.ACCEPTED))));
      journal.commit(List.of(new PutRun(run(1, 1, RunState.EXITED))));
      journal.commit(List.of());
      assertThat(journal.load()).isEqualTo(expected());
    }
    assertThat(reopened()).isEqualTo(expected());
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file())))
        .isEqualTo("rw-------");
  }

  private static Journal.Contents expected() {
    return new Journal.Contents(
        List.of(run(2, 2, RunState.ACCEPTED), run(1, 1, RunState.EXITED)),
        List.of(agreement(Rows.NODE)));
  }

  @Test
  void aHigherEpochReplacesAndADropLeavesNothing() {
    try (FileJournal journal = FileJournal.open(folder)) {
      journal.commit(
          List.of(
              new PutRun(run(1, 1, RunState.EXITED)),
              new PutRun(run(2, 1, RunState.EXITED)),
              new PutAgreement(agreement(Rows.NODE)),
              new PutAgreement(agreement(Rows.OTHER))));
      journal.commit(
          List.of(
              new PutRun(run(1, 5, RunState.RUNNING)),
              new DropRun(Rows.id(2)),
              new DropRun(Rows.id(3)),
              new DropAgreement(Rows.NODE)));
    }
    assertThat(reopened())
        .isEqualTo(
            new Journal.Contents(
                List.of(run(1, 5, RunState.RUNNING)), List.of(agreement(Rows.OTHER))));
  }

  @Test
  void itIsRewrittenWhenMostOfItNoLongerHolds() throws IOException {
    try (FileJournal journal = FileJournal.open(folder)) {
      long largest = 0;
      for (int n = 0; n < 5_000; n++) {
        journal.commit(List.of(new PutRun(run(n % 20, n, RunState.RUNNING))));
        largest = Math.max(largest, Files.size(file()));
      }
      assertThat(largest).isBetween(200_000L, 300_000L);
      assertThat(journal.load().runs())
          .extracting(record -> record.order().run().epoch().counter())
          .containsExactlyElementsOf(LongStream.range(4_980, 5_000).boxed().toList());
    }
    assertThat(reopened().runs()).hasSize(20);
    Files.writeString(folder.resolve("provider.journal.new"), "left by a crash in a rewrite");
    assertThat(reopened().runs()).hasSize(20);
    assertThat(folder.resolve("provider.journal.new")).doesNotExist();
  }

  @Test
  void aLargeFileIsRewrittenWhenOpened() throws IOException {
    try (FileJournal journal = FileJournal.open(folder)) {
      List<JournalChange> many = new ArrayList<>();
      for (int n = 0; n < 3_000; n++) {
        many.add(new PutRun(run(n, n, RunState.RUNNING)));
      }
      journal.commit(many);
      List<JournalChange> drops = new ArrayList<>();
      for (int n = 1; n < 3_000; n++) {
        drops.add(new DropRun(Rows.id(n)));
      }
      journal.commit(drops.subList(0, 2_400));
      journal.commit(drops.subList(2_400, drops.size()));
    }
    reopened();
    assertThat(Files.size(file())).isLessThan(2_000);
    assertThat(reopened().runs()).containsExactly(run(0, 0, RunState.RUNNING));
  }

  @Test
  void aSecondDaemonIsKeptAway() {
    try (FileJournal _ = FileJournal.open(folder)) {
      assertThatThrownBy(() -> FileJournal.open(folder))
          .isInstanceOfSatisfying(
              StoreException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CONFLICT))
          .hasMessageContaining("pid " + ProcessHandle.current().pid());
    }
    assertThat(reopened().runs()).isEmpty();
  }

  @Test
  void anInterruptDoesNotDisturbACommit() throws Exception {
    try (FileJournal journal = FileJournal.open(folder)) {
      int[] committed = {0};
      Thread committer =
          Thread.ofPlatform()
              .start(
                  () -> {
                    for (int n = 0; n < 2_000; n++) {
                      journal.commit(List.of(new PutRun(run(n % 50, n, RunState.RUNNING))));
                      committed[0]++;
                    }
                  });
      while (committer.isAlive()) {
        committer.interrupt();
        Thread.sleep(1);
      }
      committer.join();
      assertThat(committed[0]).isEqualTo(2_000);
      Thread.currentThread().interrupt();
      journal.commit(List.of(new PutRun(run(99, 1, RunState.RUNNING))));
      assertThat(Thread.interrupted()).isTrue();
    }
    assertThat(reopened().runs()).hasSize(51);
  }

  @Test
  void aCommitIsCutAtNoByte() throws IOException {
    List<Journal.Contents> states = new ArrayList<>();
    List<Long> ends = new ArrayList<>();
    try (FileJournal journal = FileJournal.open(folder)) {
      for (int n = 0; n < 3; n++) {
        ends.add(Files.size(file()));
        states.add(journal.load());
        journal.commit(
            List.of(
                new PutRun(run(n, n, RunState.RUNNING)), new PutRun(run(9, n, RunState.RUNNING))));
      }
      states.add(journal.load());
      ends.add(Files.size(file()));
    }
    byte[] whole = Files.readAllBytes(file());
    for (int cut = JournalFrames.HEADER; cut <= whole.length; cut++) {
      int frames = 0;
      while (frames < 3 && ends.get(frames + 1) <= cut) {
        frames++;
      }
      JournalFrames.Scan scan = JournalFrames.scan(Arrays.copyOf(whole, cut));
      assertThat(scan.payloads()).as("cut at %d", cut).hasSize(frames);
      assertThat(scan.verdict())
          .isEqualTo(
              cut == ends.get(frames) ? JournalFrames.Verdict.CLEAN : JournalFrames.Verdict.TORN);
      // Blocks of the file's end that never reached the disk read as zeros.
      byte[] zeros = Arrays.copyOf(Arrays.copyOf(whole, cut), whole.length);
      if (cut < whole.length) {
        assertThat(JournalFrames.scan(zeros).verdict())
            .as("zeros from %d", cut)
            .isEqualTo(JournalFrames.Verdict.TORN);
      }
      if (cut % 97 == 0) {
        Files.write(file(), Arrays.copyOf(whole, cut));
        assertThat(reopened()).isEqualTo(states.get(frames));
        assertThat(Files.size(file())).isEqualTo(ends.get(frames));
      }
    }
  }

  @Test
  void noFlippedBitPassesInSilence() throws IOException {
    try (FileJournal journal = FileJournal.open(folder)) {
      for (int n = 0; n < 3; n++) {
        journal.commit(List.of(new PutRun(run(n, n, RunState.RUNNING))));
      }
    }
    byte[] whole = Files.readAllBytes(file());
    for (int bit = 0; bit < whole.length * 8; bit++) {
      whole[bit / 8] ^= (byte) (1 << bit % 8);
      assertThat(JournalFrames.scan(whole).verdict())
          .as("bit %d of byte %d", bit % 8, bit / 8)
          .isNotIn(JournalFrames.Verdict.CLEAN, JournalFrames.Verdict.TORN);
      whole[bit / 8] ^= (byte) (1 << bit % 8);
    }
    whole[whole.length / 2] ^= 1;
    Files.write(file(), whole);
    assertThatThrownBy(this::reopened)
        .isInstanceOfSatisfying(
            StoreException.class,
            e -> {
              assertThat(e.code()).isEqualTo(ErrorCode.INTERNAL);
              assertThat(e.hint()).contains("move the file out of the way");
            })
        .hasMessageContaining("damaged")
        .hasMessageContaining(file().toString());
    assertThat(Files.readAllBytes(file())).isEqualTo(whole);
  }

  /// Random histories, random damage: what is read is a state that was once committed, or an error.
  @Test
  void damageNeverInventsAHistory() throws IOException {
    Random random = Fuzz.random("damageNeverInventsAHistory");
    int rounds = Fuzz.rounds(200);
    for (int round = 0; round < rounds; round++) {
      Files.deleteIfExists(file());
      List<Journal.Contents> states = new ArrayList<>();
      try (FileJournal journal = FileJournal.open(folder)) {
        states.add(journal.load());
        for (int n = random.nextInt(12); n >= 0; n--) {
          List<JournalChange> changes = new ArrayList<>();
          for (int m = random.nextInt(4); m >= 0; m--) {
            changes.add(
                random.nextInt(4) == 0
                    ? new DropRun(Rows.id(random.nextInt(5)))
                    : new PutRun(run(random.nextInt(5), random.nextInt(1000), RunState.RUNNING)));
          }
          journal.commit(changes);
          states.add(journal.load());
        }
      }
      byte[] bytes = Files.readAllBytes(file());
      int kind = random.nextInt(3);
      if (kind != 0) {
        bytes = Arrays.copyOf(bytes, random.nextInt(bytes.length + 1));
      }
      int flips = kind == 1 ? 0 : 1 + random.nextInt(3);
      for (int n = 0; n < flips && bytes.length > 0; n++) {
        bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
      }
      Files.write(file(), bytes);
      try {
        assertThat(reopened()).isIn(states);
      } catch (StoreException e) {
        if (kind == 1) {
          assertThat(bytes.length).as("a mere truncation is no damage").isLessThan(8);
        }
        assertThat(e.code()).isIn(ErrorCode.INTERNAL, ErrorCode.VERSION_MISMATCH);
      }
    }
  }

  @Test
  void aNewerJournalIsLeftAlone() throws IOException {
    reopened();
    byte[] bytes = Files.readAllBytes(file());
    bytes[7] = 2;
    Files.write(file(), bytes);
    assertThatThrownBy(this::reopened)
        .isInstanceOfSatisfying(
            StoreException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.VERSION_MISMATCH));
    bytes[7] = 1;
    Files.write(file(), bytes);
    byte[] unknown = "[{\"lease\":7}]".getBytes(StandardCharsets.UTF_8);
    Files.write(file(), JournalFrames.frame(unknown).array(), StandardOpenOption.APPEND);
    assertThatThrownBy(this::reopened)
        .isInstanceOfSatisfying(
            StoreException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.VERSION_MISMATCH));
  }

  @Test
  @Tag("real")
  void aFullDiskLosesNothingAndRecovers() throws Exception {
    try (TinyDisk disk = TinyDisk.mount(folder.resolve("tiny"), 3, 1);
        FileJournal journal = FileJournal.open(disk.folder())) {
      List<JournalChange> large = new ArrayList<>();
      for (int n = 0; n < 200; n++) {
        large.add(new PutRun(run(n, 1, RunState.RUNNING)));
      }
      int task = 1_000;
      Journal.Contents acknowledged = journal.load();
      StoreException full = null;
      while (full == null) {
        try {
          journal.commit(List.of(new PutRun(run(task, task, RunState.RUNNING))));
          journal.commit(large);
          task++;
          acknowledged = journal.load();
          assertThat(task).isLessThan(20_000);
        } catch (StoreException e) {
          full = e;
        }
      }
      assertThat(full.code()).isEqualTo(ErrorCode.DISK_FULL);
      assertThat(full.hint()).contains("free space");
      Journal.Contents before = journal.load();
      for (int n = 0; n < 5; n++) {
        assertThatThrownBy(() -> journal.commit(repeat(large, 5)))
            .isInstanceOf(StoreException.class);
      }
      assertThat(journal.load()).isEqualTo(before);
      assertThat(before.runs()).containsAll(acknowledged.runs());
      disk.makeRoom();
      journal.commit(List.of(new PutRun(run(7, 77, RunState.EXITED))));
      Journal.Contents after = journal.load();
      assertThat(after.runs()).contains(run(7, 77, RunState.EXITED));
      journal.close();
      try (FileJournal again = FileJournal.open(disk.folder())) {
        assertThat(again.load()).isEqualTo(after);
      }
    }
  }

  private static List<JournalChange> repeat(List<JournalChange> changes, int times) {
    List<JournalChange> all = new ArrayList<>();
    for (int n = 0; n < times; n++) {
      all.addAll(changes);
    }
    return all;
  }
}
