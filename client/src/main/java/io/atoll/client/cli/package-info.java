/// The command line: noun, then verb (`atoll task list`), with short forms for the daily few
/// (`atoll ps`). Data goes to standard output, everything else to standard error.
///
/// `Cli` is the door: it knows the commands by name and makes only the one that is asked for,
/// which keeps the start short. A command is a class with picocli's annotations that extends
/// `Command`; another module adds its own by `Cli.with`.
@NullMarked
package io.atoll.client.cli;

import org.jspecify.annotations.NullMarked;
