/// Tests of `atoll doctor`, part by part; the whole of it is run in the module e2e.
@NullMarked
package io.atoll.daemon.doctor;

import org.jspecify.annotations.NullMarked;
