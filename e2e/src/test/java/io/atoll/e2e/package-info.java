/// Whole-system tests: real daemons as processes of their own, on loopback.
@NullMarked
package io.atoll.e2e;

import org.jspecify.annotations.NullMarked;
