package io.atoll.runtime.image.layer;

import io.atoll.core.tar.TarEntry;
import io.atoll.core.tar.TarReader;
import java.io.IOException;

/// Takes a root folder member by member: folders above what is in them, then files with their
/// bytes, then hard links to those, then the rest, symbolic links among it.
///
/// Names are paths from the root, checked, without a slash at either end.
interface RootWriter {
  void folder(TarEntry folder) throws IOException;

  /// A file; `entry.size()` bytes come in.
  void file(TarEntry entry, TarReader bytes) throws IOException;

  /// @param entry whose `link` is the name of a file that was written
  void hardLink(TarEntry entry) throws IOException;

  /// A symbolic link, fifo or device.
  void other(TarEntry entry) throws IOException;

  /// Nothing more comes.
  void end() throws IOException;
}
