/// Named moments at which a crash test may end the process.
@NullMarked
package io.atoll.core.crash;

import org.jspecify.annotations.NullMarked;
