/// A hub, its providers, and everything that can go wrong between them, in virtual time.
///
/// The machines are those of production; store, journal, network, clocks and payloads are made
/// here. All chance comes from one seed, so a failing seed is the whole bug report:
///
/// ```
/// mvn -pl daemon -am test -Dtest=SimulationTest -Datoll.sim.seed=4711 -Datoll.sim.seeds=1
/// ```
@NullMarked
package io.atoll.daemon.sim;

import org.jspecify.annotations.NullMarked;
