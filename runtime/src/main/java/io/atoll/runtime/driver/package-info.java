/// The contract of every runtime: what a driver can do with one activity, in the same words for all
/// kinds.
@NullMarked
package io.atoll.runtime.driver;

import org.jspecify.annotations.NullMarked;
