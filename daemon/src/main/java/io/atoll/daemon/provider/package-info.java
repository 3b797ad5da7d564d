/// The provider role: keeps a connection to each hub it joined, takes orders, runs them, reports.
/// The shell around `io.atoll.daemon.provider.machine`, which decides.
@NullMarked
package io.atoll.daemon.provider;

import org.jspecify.annotations.NullMarked;
