package io.atoll.runtime.process;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a run gets beside its sandbox: for a program of ours that runs foreign code, and may see
/// nothing of the machine but what it is handed.
///
/// @param files open for reading
/// @param device a character device that it may open under its usual name, whoever owns it outside;
///     null = none
/// @param meeting a folder that becomes the run's user's, at [#MEETING] in the sandbox, and stays
///     when the run goes: for sockets between that program and us; null = none
/// @param alone whether a run without a sandbox is in a network of its own all the same, with
///     nothing in it. Only root makes one; else it is in the machine's
public record Handover(
    List<HandedFile> files, @Nullable Path device, @Nullable Path meeting, boolean alone) {
  public static final Handover NOTHING = new Handover(List.of(), null, null);
  static final Handover ALONE = new Handover(List.of(), null, null, true);

  public Handover(List<HandedFile> files, @Nullable Path device, @Nullable Path meeting) {
    this(files, device, meeting, false);
  }

  /// Where a run finds the folder.
  public static final String MEETING = "/meet";

  public Handover {
    files = List.copyOf(files);
  }
}
