/// Tests of what turns requests into specifications.
@NullMarked
package io.atoll.client.request;

import org.jspecify.annotations.NullMarked;
