/// The SQLite store: its contract, its file's whole life, crashes, full disks, its speed.
package io.atoll.daemon.store.sqlite;
