/// Golem's words on top of a hub's: the one place that knows both.
///
/// ```
///  Golem              here
///  network            a network of the hub; a note says which key made it
///  address            a seat of kind GATE at the hub: packets of one key
///  node in a network  a seat of kind RESERVED: the next activity of that key there sits in it
///  demand, proposal   matched with what online nodes offer; kept in memory
///  agreement          a note: this key may have activities by this driver on this node
///  activity           a note, and a task named after it once it has been deployed and started
///  `run` in a batch   a command beside the task's payload
/// ```
/// Notes are rows of the hub's store; what they say survives a restart, batches and demands do not.
/// `docs/golem-net-api.md` says what is served and what is not.
@NullMarked
package io.atoll.daemon.golem;

import org.jspecify.annotations.NullMarked;
