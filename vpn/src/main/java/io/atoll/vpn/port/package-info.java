/// Where packets of workloads come in and go out: a TUN device, a guest's card, a test. Whatever
/// the port, packets travel in batches ([PacketBatch]), and an entry may be a **super-packet**: one
/// header with the payload of many packets, as the kernel's offloads make and take them. It costs
/// about as much as one packet, so it stays whole as long as possible: [Splitter] makes packets of
/// it in place, [Coalescer] makes super-packets of packets.
///
/// An entry, as it lies in the memory of its batch:
///
/// ```
///  headroom | link header (ETHERNET only) | IP | TCP or UDP | payload of one or many | tailroom
///           ^ offset                                                                ^ + length
/// ```
/// Before it and behind it there is always room that belongs to whoever holds the batch: a port
/// puts its own header there, an engine its header and its tag.
///
/// Everything here reads bytes from others. Lengths that a header claims are held against what is
/// there before anything is read; what lies is dropped and counted.
@NullMarked
package io.atoll.vpn.port;

import org.jspecify.annotations.NullMarked;
