/// The records of the public contract; `openapi.yaml` describes them, this package is their Java
/// form.
@NullMarked
package io.atoll.client.api;

import org.jspecify.annotations.NullMarked;
