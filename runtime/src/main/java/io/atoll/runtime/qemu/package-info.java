/// QEMU as Atoll uses it: talking to one that runs (QMP), finding the program, finding out which
/// accelerator really works, and the words to start it with.
///
/// QMP (QEMU's `docs/interop/qmp-spec`) is JSON, one object a line, over a unix socket:
///
/// ```
/// QEMU → us   {"QMP": {"version": …, "capabilities": […]}}          greeting, once
/// us → QEMU   {"execute": "qmp_capabilities", "id": 1}              must come first
/// us → QEMU   {"execute": NAME, "arguments": {…}, "id": N}
/// QEMU → us   {"return": …, "id": N}  or  {"error": {"class", "desc"}, "id": N}
/// QEMU → us   {"event": NAME, "data": {…}, "timestamp": {…}}        at any time
/// ```
///
/// QEMU serves one client of a socket at a time: a second one waits for its greeting until the
/// first is closed.
@NullMarked
package io.atoll.runtime.qemu;

import org.jspecify.annotations.NullMarked;
