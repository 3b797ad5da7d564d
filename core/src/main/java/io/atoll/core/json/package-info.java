/// The one JSON mapper.
@NullMarked
package io.atoll.core.json;

import org.jspecify.annotations.NullMarked;
