/// For the tests of every module.
@NullMarked
package io.atoll.core.testing;

import org.jspecify.annotations.NullMarked;
