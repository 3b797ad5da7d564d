/// What the hub knows, on disk. One writer; a transaction is all or nothing; `commit` returns once
/// the group is durable.
///
/// `store.sqlite` keeps it in one file. Also here: the private files and the lock of a data folder,
/// which the provider's journal uses too.
@NullMarked
package io.atoll.daemon.store;

import org.jspecify.annotations.NullMarked;
