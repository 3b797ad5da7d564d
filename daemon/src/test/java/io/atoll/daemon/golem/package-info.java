@NullMarked
package io.atoll.daemon.golem;

import org.jspecify.annotations.NullMarked;
