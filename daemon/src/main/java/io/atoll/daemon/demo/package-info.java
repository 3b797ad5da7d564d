/// A whole pool on one machine, to be looked at: a hub and two providers as daemons of their own.
@NullMarked
package io.atoll.daemon.demo;

import org.jspecify.annotations.NullMarked;
