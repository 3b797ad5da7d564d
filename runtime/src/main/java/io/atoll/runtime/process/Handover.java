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
public record Handover(List<HandedFile> files, @Nullable Path device) {
  public static final Handover NOTHING = new Handover(List.of(), null);

  public Handover {
    files = List.copyOf(files);
  }
}
