/// Tests of copying on this machine.
@NullMarked
package io.atoll.client.copy;

import org.jspecify.annotations.NullMarked;
