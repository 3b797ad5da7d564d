package io.atoll.runtime.image;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// The files of an image that is a program or an archive, read-only, shared by all runs of it.
///
/// @param folder that holds them and nothing else
/// @param entry of the program, relative to the folder
/// @param interpreter that the program asks for; null for a static one
public record ProgramTree(Path folder, String entry, @Nullable String interpreter) {
  /// What a program is called that came alone.
  static final String ALONE = "program";
}
