/// Sessions beside payloads: each is kept by a supervisor of its own, in a folder
/// `<run>/exec/<id>` with its `spec` and its socket `sock`. The folder's presence means that the
/// command began; it stays a while after the end, so that no session begins twice.
@NullMarked
package io.atoll.runtime.exec;

import org.jspecify.annotations.NullMarked;
