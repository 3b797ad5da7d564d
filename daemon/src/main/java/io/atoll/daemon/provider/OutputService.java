package io.atoll.daemon.provider;

import io.atoll.core.error.ErrorCode;
import io.atoll.core.json.Json;
import io.atoll.core.term.OutputChunk;
import io.atoll.market.activity.ActivityProtocol;
import io.atoll.market.activity.OutputFrame;
import io.atoll.p2p.host.Host;
import io.atoll.p2p.host.Stream;
import io.atoll.runtime.output.OutputRead;
import io.atoll.runtime.output.OutputReader;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.time.Duration;

/// Serves the output of this machine's runs to the hub that ordered them, from any offset.
final class OutputService {
  private static final int READ = 256 << 10;
  private static final Duration PATIENCE = Duration.ofSeconds(1);

  private static final long LONGEST_PAUSE_MILLIS = 20;

  private final Runs runs;
  private final OrderedRuns known;

  OutputService(Runs runs, OrderedRuns known) {
    this.runs = runs;
    this.known = known;
  }

  void serve(Host host) {
    host.handle(ActivityProtocol.OUTPUT, this::serve);
  }

  private void serve(Stream stream) throws IOException, InterruptedException {
    DataInputStream in = new DataInputStream(stream.in());
    OutputFrame.Request request;
    try {
      request = Json.read(in.readNBytes(in.readUnsignedShort()), OutputFrame.Request.class);
    } catch (RuntimeException e) {
      throw new IOException("malformed request for output", e);
    }
    DataOutputStream out = new DataOutputStream(new BufferedOutputStream(stream.out(), 64 << 10));
    OrderedRuns.Ordered record = known.of(request.run().task(), stream.remote());
    if (record == null) {
      OutputFrame.write(
          new OutputFrame.Failed(
              ErrorCode.NOT_FOUND.name(),
              "the node has no output of " + request.run(),
              "the run was deleted, or never began there"),
          out);
    } else {
      send(request, record, out);
    }
    out.flush();
  }

  private void send(OutputFrame.Request request, OrderedRuns.Ordered record, DataOutputStream out)
      throws IOException, InterruptedException {
    long at = request.offset();
    long pause = 1;
    long lastSent = System.nanoTime();
    try (OutputReader reader = OutputReader.open(runs.folder(request.run()))) {
      while (true) {
        // asked before reading: what was written before the end is then read
        boolean last =
            !request.follow() || !record.run().equals(request.run()) || record.hasEnded();
        OutputRead read = reader.read(at, READ);
        switch (read) {
          case OutputRead.Chunks(var chunks) -> {
            for (OutputChunk chunk : chunks) {
              OutputFrame.write(new OutputFrame.Chunk(chunk), out);
              at = chunk.end();
            }
          }
          case OutputRead.Dropped(long until) -> {
            OutputFrame.write(new OutputFrame.Dropped(at, until), out);
            at = until;
          }
          case OutputRead.Nothing() -> {
            if (last) {
              OutputFrame.write(new OutputFrame.End(), out);
              return;
            }
            if (System.nanoTime() - lastSent < PATIENCE.toNanos()) {
              record.awaitEnd(pause);
              pause = Math.min(pause * 2, LONGEST_PAUSE_MILLIS);
              continue;
            }
            OutputFrame.write(new OutputFrame.Nothing(), out);
          }
        }
        out.flush();
        pause = 1;
        lastSent = System.nanoTime();
      }
    }
  }
}
