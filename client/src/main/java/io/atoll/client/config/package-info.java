/// Settings: flag, then environment, then `.env`, then the user's file, then default; each value
/// knows where it came from.
@NullMarked
package io.atoll.client.config;

import org.jspecify.annotations.NullMarked;
