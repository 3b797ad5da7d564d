/// Control groups, version 1 and 2 behind one interface: what a run may use, what it used, and how
/// to stop its clock. Every run has a group of its own below `atoll/<instance>`, where the instance
/// names one daemon's state, so that two daemons on a machine never touch each other's.
@NullMarked
package io.atoll.runtime.cgroup;

import org.jspecify.annotations.NullMarked;
