package io.atoll.client.api;

import io.atoll.core.term.IpAddress;

/// Where a task is found in one of its networks.
///
/// @param network its name
/// @param host the name that the other members resolve, such as `web.mynet.internal`
public record TaskAddress(String network, IpAddress v4, IpAddress v6, String host) {}
