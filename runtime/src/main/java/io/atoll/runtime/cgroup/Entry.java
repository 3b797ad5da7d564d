package io.atoll.runtime.cgroup;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// How a process enters a group and how a group is ended, for who does it without Java.
///
/// @param enter version 1: files that take `0` from the process itself
/// @param into version 2: the folder to be born in
/// @param folders all folders of the group, to be removed in this order
/// @param kill takes `1` and kills all, if there is such a file
/// @param oom has a line `oom_kill N`
/// @param peak the most memory used, in bytes
/// @param thawFile takes `thawText` to let a frozen group go on
public record Entry(
    List<Path> enter,
    @Nullable Path into,
    List<Path> folders,
    @Nullable Path kill,
    @Nullable Path oom,
    @Nullable Path peak,
    @Nullable Path thawFile,
    String thawText) {

  /// No group at all.
  public static final Entry NONE =
      new Entry(List.of(), null, List.of(), null, null, null, null, "");

  public Entry {
    enter = List.copyOf(enter);
    folders = List.copyOf(folders);
  }
}
