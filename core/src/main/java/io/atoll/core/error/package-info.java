/// Errors: a code, a kind, a text that says what was tried on what, and a hint that says what to
/// do.
@NullMarked
package io.atoll.core.error;

import org.jspecify.annotations.NullMarked;
