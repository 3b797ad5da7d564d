package io.atoll.daemon.store;

/// What somebody who speaks another vocabulary keeps in the store, beside rows of our own. The hub
/// does not read it.
///
/// @param space whose it is
/// @param id names it in that space
/// @param body JSON
public record NoteRow(String space, String id, String body) {}
