/// A record that cannot be changed unseen: each line holds the hash of the one before, and whoever
/// keeps the record signs now and then where it ends.
///
/// ```
/// {"action":…,"at":…,"before":SHA-256 of the line before,…,"seq":1,…}\n
/// {"action":…,"at":…,"before":…,…,"seq":2,…}\n
/// {"at":…,"hash":SHA-256 of the last line,"hub":…,"seq":2,"signature":…}\n
/// ```
///
/// A line is the JSON of its record and nothing else: two texts of one meaning are two lines.
@NullMarked
package io.atoll.core.audit;

import org.jspecify.annotations.NullMarked;
