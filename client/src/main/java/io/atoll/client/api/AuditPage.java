package io.atoll.client.api;

import java.util.List;

/// Entries of the record of who did what, in order.
///
/// @param last number of the newest entry that there is
public record AuditPage(List<AuditView> entries, long last) {}
