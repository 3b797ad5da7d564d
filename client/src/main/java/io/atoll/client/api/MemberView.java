package io.atoll.client.api;

import io.atoll.core.identity.PeerId;
import io.atoll.core.term.IpAddress;
import io.atoll.core.term.TaskId;
import org.jspecify.annotations.Nullable;

/// Who has an address in a network.
///
/// @param id of the task, the node or the device
/// @param kind TASK, NODE, DEVICE, GATE or RESERVED
/// @param name what it is called in the network
/// @param host its full name, such as `web.mynet.internal`
/// @param fixed whether the address was asked for, not given
/// @param present whether packets reach it now; a task that waits for a node keeps its address
/// @param node where it is; null while it is not present
/// @param nodeName what people call that node
/// @param task null for what is no task, and where a seat is reserved and none runs there
/// @param egress what wanted to leave the network from there; null while it is not present
public record MemberView(
    String id,
    String kind,
    String name,
    String host,
    IpAddress v4,
    IpAddress v6,
    boolean fixed,
    boolean present,
    @Nullable PeerId node,
    @Nullable String nodeName,
    @Nullable TaskId task,
    @Nullable EgressSum egress) {}
