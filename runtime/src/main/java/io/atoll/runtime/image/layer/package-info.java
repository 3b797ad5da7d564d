/// Layers become one root folder. Nothing of a layer touches the disk while it is not understood:
///
/// ```
/// blob ─ digest ─ gzip/zstd ─ bounds ─ tar ─→ FileTree     first pass: names, whiteouts, links
/// blob ─ digest ─ gzip/zstd ─ bounds ─ tar ─→ RootWriter   second pass: what is left, with bytes
/// ```
///
/// A `FileTree` is in memory; every name in it was walked there, component by component, so that no
/// `..`, absolute name, symbolic or hard link leads anywhere else. What comes out is written
/// folders
/// first, then files, hard links, and symbolic links last: nothing is ever written through one.
@NullMarked
package io.atoll.runtime.image.layer;

import org.jspecify.annotations.NullMarked;
