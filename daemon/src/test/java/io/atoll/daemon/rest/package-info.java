/// Tests of the REST surface, its client and the CLI, against a hub in memory.
@NullMarked
package io.atoll.daemon.rest;

import org.jspecify.annotations.NullMarked;
