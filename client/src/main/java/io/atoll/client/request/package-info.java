/// From what people write to what the hub takes: strict reading of JSON requests, defaults,
/// checks. Each refusal names the field and the remedy.
@NullMarked
package io.atoll.client.request;

import org.jspecify.annotations.NullMarked;
