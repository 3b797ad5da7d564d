/// Tars, read from anybody and written for everybody. Nothing here touches a file system: whoever
/// unpacks decides what a member's name may mean.
///
/// Names are bytes on Linux, and are carried as ISO 8859-1 text, one character a byte.
@NullMarked
package io.atoll.core.tar;

import org.jspecify.annotations.NullMarked;
