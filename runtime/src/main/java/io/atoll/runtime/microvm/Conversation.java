package io.atoll.runtime.microvm;

import io.atoll.core.term.RunId;
import io.atoll.runtime.driver.Activity;
import io.atoll.runtime.microvm.MicrovmFolder.End;
import io.atoll.runtime.output.OutputWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The talk with the agent of one guest: starts the payload, writes what it says to the run's
/// folder, and finds out how the run ended. One thread has it; only `leave` is for others.
final class Conversation {
  private static final Logger log = LoggerFactory.getLogger(Conversation.class);

  private final RunId id;
  private final MicrovmFolder folder;
  private final Hypervisors hypervisors;
  private final OutputWriter out;
  private final byte[] words;
  private final GuestState guest;
  private final long cpuBefore;
  private volatile boolean left;
  private volatile @Nullable IOException unforced;

  /// @param words for a payload that the guest has not begun
  /// @param cpuBefore what earlier QEMUs of the run had used
  Conversation(
      RunId id,
      MicrovmFolder folder,
      Hypervisors hypervisors,
      OutputWriter out,
      byte[] words,
      GuestState guest,
      long cpuBefore) {
    this.id = id;
    this.folder = folder;
    this.hypervisors = hypervisors;
    this.out = out;
    this.words = words;
    this.guest = guest;
    this.cpuBefore = cpuBefore;
  }

  /// Talks until the run has ended, over as many connections as it takes.
  ///
  /// @return null once it was left
  @Nullable End untilEnd(Activity qemu) throws InterruptedException {
    MicrovmJudgement judgement = new MicrovmJudgement(id, folder, qemu, cpuBefore);
    while (!left) {
      try (AgentLink connection = AgentLink.open(hypervisors.work(id).resolve("agent"))) {
        return talk(connection, judgement);
      } catch (IOException silent) {
        guest.setLink(null);
      }
      if (!left && qemu.state() == Activity.State.TERMINATED) {
        String said = hypervisors.lastWords(id);
        return judgement.withoutTheGuestsWord(
            qemu.await(), said, guest.failure(), guest.outputEnd());
      }
      if (!left) {
        Thread.sleep(5); // QEMU makes its socket just now, or dies just now
      }
    }
    return null;
  }

  private End talk(AgentLink connection, MicrovmJudgement judgement)
      throws IOException, InterruptedException {
    AgentMessage.Welcome welcome = connection.greet(out.end());
    switch (welcome.phase()) {
      case WAITING -> {
        untilWritten(folder::markBegan); // before the payload may begin
        connection.start(words);
      }
      case RUNNING, ENDED -> {}
    }
    guest.setLink(connection);
    while (true) {
      switch (connection.read()) {
        case AgentMessage.Output output -> take(output, connection);
        case AgentMessage.Started _ -> guest.setStarted();
        case AgentMessage.Moved moved -> guest.setMoved(moved);
        case AgentMessage.Ended ended -> {
          return judgement.said(ended, out.end());
        }
        case AgentMessage.Welcome _ -> {} // said twice
      }
    }
  }

  private void take(AgentMessage.Output output, AgentLink connection)
      throws IOException, InterruptedException {
    ByteBuffer data = output.data();
    long skip = out.end() - output.offset();
    if (skip < 0) {
      throw new IOException("the guest left out " + -skip + " bytes of its output");
    }
    if (skip < data.remaining()) {
      data.position((int) skip);
      Instant now = Instant.now();
      long time = now.getEpochSecond() * 1_000_000_000L + now.getNano();
      untilWritten(() -> out.append(output.stream(), time, data));
    }
    connection.ack(out.end());
    guest.written(out.end());
  }

  /// Puts all output and then the end on the disk.
  void settle(End end) throws InterruptedException {
    untilWritten(out::force);
    untilWritten(() -> folder.writeEnd(end));
  }

  private interface Write {
    void run() throws IOException;
  }

  /// A full disk holds the payload up, and loses nothing.
  private void untilWritten(Write write) throws InterruptedException {
    boolean told = false;
    while (true) {
      try {
        write.run();
        return;
      } catch (IOException e) {
        if (!told) {
          log.warn("cannot write to the folder of run {}; trying on: {}", id, e.toString());
          told = true;
        }
        Thread.sleep(1000);
      }
    }
  }

  /// To be asked once the talking thread has ended.
  ///
  /// @throws IOException if what the guest was told is there may not be on the disk
  void needForced() throws IOException {
    IOException failed = unforced;
    if (failed != null) {
      throw failed;
    }
  }

  /// Makes the talking thread give up at the next chance; to be interrupted besides.
  void leave() {
    left = true;
  }

  /// The talking thread's last act.
  void close() {
    try (out) {
      out.force();
    } catch (IOException e) {
      unforced = e;
      log.warn("the output of run {} may not be on the disk: {}", id, e.toString());
    }
  }
}
