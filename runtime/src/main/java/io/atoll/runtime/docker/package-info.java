/// The driver `docker`: a run is a container of a Docker engine, or of Podman's Docker-compatible
/// service, on this machine.
///
/// **What a run leaves where.** The container carries the run's name and labels, so that a daemon
/// that comes back finds it at whatever point the one before it died:
///
/// ```
/// folder → file `creating` → container → file `starting` → start → … → file `exit` → no container
/// ```
///
/// No container and no `starting`, or a container that the engine never started: the payload never
/// began. `exit` is written (and on the disk) before the container goes, so the end is always in
/// one of the two places.
///
/// **Output** comes from an attached stream, opened before the start: byte for byte, and a payload
/// cannot run ahead of it. The engine's `local` log runs beside it, capped at three files of 64 MB,
/// only to fill gaps: what was written while no daemon or no engine connection was there. How much
/// of each stream is already in the folder tells where to go on. Three limits: what exceeds the cap
/// within a gap is lost; what a payload writes while the engine itself is down (`live-restore`) is
/// lost if it also ends before the engine is back; and engine 20.10 forgets the newline behind a
/// line longer than 16 KiB, which is put back except behind the very last line.
///
/// **Networks** (`ContainerCards`, `ContainerNetwork`): a container with cards has the engine's
/// network `none`. It begins with a program of ours, which waits; once the engine has started it, a
/// keeper of ours (`supervisor/keeper.c`) enters its network, makes its interfaces, and lets it go
/// on to what the image and the task say. The keeper outlives the daemon and ends with the
/// container. Such a container publishes no ports: it would get an interface that is no card.
///
/// **Confinement**: all capabilities dropped but nine (`ContainerRequest`), no new privileges, the
/// engine's own seccomp and AppArmor profiles, `--init`, no swap, no network unless ports are
/// published. A run with published ports is in the engine's bridge network and reaches out through
/// it.
@NullMarked
package io.atoll.runtime.docker;

import org.jspecify.annotations.NullMarked;
