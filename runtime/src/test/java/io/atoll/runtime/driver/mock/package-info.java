/// A driver that plays a script, for tests of everything above drivers.
@NullMarked
package io.atoll.runtime.driver.mock;

import org.jspecify.annotations.NullMarked;
