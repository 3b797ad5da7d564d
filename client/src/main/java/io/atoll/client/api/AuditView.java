package io.atoll.client.api;

import java.time.Instant;

/// An entry of the record of who did what.
///
/// @param who a kind and a name, such as `key k1234abcd`; `hub` = the hub's own program
/// @param outcome `OK`, `BEGUN`, or the code of a refusal
/// @param times how often, for refusals of one kind
/// @param before SHA-256 of the entry before, as it is exported
public record AuditView(
    long seq,
    Instant at,
    String who,
    String action,
    String object,
    String outcome,
    long times,
    String before) {}
