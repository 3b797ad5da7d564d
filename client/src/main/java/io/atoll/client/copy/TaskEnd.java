package io.atoll.client.copy;

import io.atoll.client.HubClient;
import io.atoll.client.api.ExecRequest;
import io.atoll.client.request.ExecMapping;
import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.exec.ExecConversation;
import io.atoll.core.exec.ExecEnd;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The end of a copy that lies in a task: a session there that packs or unpacks.
public final class TaskEnd implements Source, Target {
  private static final int SIGTERM = 15;

  private final HubClient hub;
  private final String task;
  private final String path;
  private final boolean out;
  private final Consumer<String> notes;
  private volatile @Nullable ExecConversation conversation;

  private TaskEnd(HubClient hub, String task, String path, boolean out, Consumer<String> notes) {
    this.hub = hub;
    this.task = task;
    this.path = path;
    this.out = out;
    this.notes = notes;
  }

  /// @param notes takes lines about what was left out
  public static Source source(HubClient hub, String task, String path, Consumer<String> notes) {
    return new TaskEnd(hub, task, path, true, notes);
  }

  public static Target target(HubClient hub, String task, String path, Consumer<String> notes) {
    return new TaskEnd(hub, task, path, false, notes);
  }

  @Override
  public void give(OutputStream tar) throws IOException, InterruptedException {
    talk(null, tar);
  }

  @Override
  public void take(InputStream tar) throws IOException, InterruptedException {
    talk(tar, OutputStream.nullOutputStream());
  }

  @Override
  public void stop() {
    ExecConversation running = conversation;
    if (running != null) {
      running.signal(SIGTERM);
    }
  }

  private void talk(@Nullable InputStream in, OutputStream to)
      throws IOException, InterruptedException {
    String session = ExecMapping.newSession();
    hub.exec(task, out ? ExecRequest.pack(session, path) : ExecRequest.unpack(session, path));
    Remarks remarks = new Remarks();
    Passing passing = new Passing(to);
    ExecConversation talk =
        new ExecConversation(() -> hub.attach(task, session), in, passing, remarks);
    conversation = talk;
    ExecEnd end;
    try {
      end = talk.run();
    } finally {
      remarks.each(notes);
    }
    if (passing.failed != null) {
      throw passing.failed;
    }
    String failed = remarks.failure();
    switch (end.cause()) {
      case EXITED -> {
        if (end.code() != 0) {
          throw failure(end.code(), failed);
        }
      }
      case SIGNALED ->
          throw new AtollException(
              ErrorCode.CONFLICT,
              "the copy in task " + task + " was ended by signal " + end.signal(),
              "did the task end? atoll task show " + task);
      case START_FAILED ->
          throw new AtollException(
              ErrorCode.START_FAILED,
              "task " + task + " cannot be copied from or to: " + end.detail(),
              "does it run? atoll task show " + task);
    }
  }

  /// Where nobody takes the bytes any more, the session is asked to end, and heard out until then.
  private final class Passing extends OutputStream {
    private final OutputStream to;
    private @Nullable IOException failed;

    Passing(OutputStream to) {
      this.to = to;
    }

    @Override
    public void write(int octet) {
      write(new byte[] {(byte) octet}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) {
      if (failed == null) {
        try {
          to.write(bytes, offset, length);
        } catch (IOException e) {
          failed = e;
          stop();
        }
      }
    }
  }

  /// The exit codes are those of `supervisor/files.h`.
  private AtollException failure(int exit, String failed) {
    ErrorCode code =
        switch (exit) {
          case 2 -> ErrorCode.BAD_REQUEST;
          case 3 -> ErrorCode.NOT_FOUND;
          case 4 -> ErrorCode.DENIED;
          case 5 -> ErrorCode.CONFLICT;
          case 6 -> ErrorCode.DISK_FULL;
          default -> ErrorCode.INTERNAL;
        };
    String hint =
        switch (code) {
          case NOT_FOUND -> "paths are the task's own; a relative one begins in its working folder";
          case DENIED -> "files are copied with the rights of the task's own user";
          case CONFLICT -> "name another target, or remove what is there";
          case DISK_FULL -> "make room there, or give the task more";
          case BAD_REQUEST -> "it takes a plain tar, as `tar c` makes it";
          default -> "the lines above say what else was not copied";
        };
    String what = failed.isEmpty() ? "the copy failed there with code " + exit : failed;
    return new AtollException(code, "task " + task + ": " + what, hint);
  }
}
