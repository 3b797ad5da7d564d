/// Files into and out of tasks. What is copied is a tar between two ends, whatever these are:
///
/// ```
/// LocalSource   ─┐                          ┌─ LocalTarget
/// TaskSource    ─┼─ tar ─→ Transfer ─ tar ─→┼─ TaskTarget
/// standard input ┘                          └─ standard output
/// ```
///
/// A tar that comes from a task was written by whoever runs in it: on this machine it is unpacked
/// as if by an enemy.
@NullMarked
package io.atoll.client.copy;

import org.jspecify.annotations.NullMarked;
