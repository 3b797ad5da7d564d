package io.atoll.runtime.docker;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.atoll.core.error.ErrorCode;
import io.atoll.core.os.Children;
import io.atoll.core.os.FolderRemoval;
import io.atoll.core.os.Spawner;
import io.atoll.core.os.UnixListener;
import io.atoll.core.term.NetworkId;
import io.atoll.core.term.RunId;
import io.atoll.runtime.card.CardLine;
import io.atoll.runtime.card.CardText;
import io.atoll.runtime.card.HostsFile;
import io.atoll.runtime.driver.CardEnd;
import io.atoll.runtime.driver.DriverException;
import io.atoll.runtime.driver.NetworkCard;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The network interfaces of one container: what is on disk of them, and the program that keeps
/// them (`supervisor/keeper.c`). It is begun when the container runs, ends with it, and is begun
/// again wherever it is found dead.
///
/// ```
/// RUN/net/cards         a card a line, as they are now
/// RUN/net/hosts, resolv.conf   mounted into the container
/// RUN/net/door/         mounted into the container: behind it is the keeper, for the first program
/// RUN/net/spec, sock    for the keeper and for daemons
/// ```
final class ContainerCards {
  private static final String FOLDER = "net";
  private static final String CARDS = "cards";
  static final String RESOLVER = "resolv.conf";
  static final String DOOR = "door";
  private static final int SOCKET = 3;
  private static final int BACKLOG = 16;

  private final RunId run;
  private final Path folder;
  private final Container container;
  private final Path keeper;

  private ContainerCards(RunId run, Path folder, Container container, Path keeper) {
    this.run = run;
    this.folder = folder;
    this.container = container;
    this.keeper = keeper;
  }

  /// Writes what the container is made with; null if it gets no cards.
  static @Nullable ContainerCards make(
      RunId run, Path runFolder, Container container, @Nullable Path keeper, List<NetworkCard> all)
      throws IOException {
    if (all.isEmpty() || keeper == null) {
      return null;
    }
    Path folder = Files.createDirectory(runFolder.resolve(FOLDER));
    Path door = Files.createDirectory(folder.resolve(DOOR));
    Files.setPosixFilePermissions(door, PosixFilePermissions.fromString("rwxr-xr-x"));
    HostsFile.write(folder.resolve(HostsFile.NAME), all);
    Path resolver = Files.writeString(folder.resolve(RESOLVER), CardText.resolver(all));
    Files.setPosixFilePermissions(resolver, PosixFilePermissions.fromString("rw-r--r--"));
    Files.write(folder.resolve(CARDS), all.stream().map(CardText::word).toList());
    return new ContainerCards(run, folder, container, keeper);
  }

  /// Those of a run that was found again; null if it has none.
  static @Nullable ContainerCards find(
      RunId run, Path runFolder, Container container, @Nullable Path keeper) {
    Path folder = runFolder.resolve(FOLDER);
    return keeper == null || !Files.exists(folder.resolve(CARDS))
        ? null
        : new ContainerCards(run, folder, container, keeper);
  }

  /// What is on disk of any.
  static void delete(Path runFolder) throws IOException {
    try {
      FolderRemoval.remove(runFolder.resolve(FOLDER));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("removing " + runFolder + " was called off", e);
    }
  }

  Path folder() {
    return folder;
  }

  /// The program that the container begins with, outside.
  Path program() {
    return keeper;
  }

  /// Sees to it that somebody keeps the cards of a container that runs.
  ///
  /// @return whether the container runs
  synchronized boolean keep() throws EngineException, IOException, InterruptedException {
    if (kept()) {
      return true;
    }
    ContainerState state = container.inspect().orElse(null);
    if (state == null || !state.alive() || state.pid() <= 1) {
      return false;
    }
    ByteArrayOutputStream spec = new ByteArrayOutputStream();
    List<String> words = new ArrayList<>(List.of("atoll-spec=1", "container=" + state.pid()));
    cards().forEach(card -> words.add("card=" + card));
    words.add("end=");
    for (String word : words) {
      spec.writeBytes(word.getBytes(UTF_8));
      spec.write(0);
    }
    Files.write(folder.resolve("spec"), spec.toByteArray());
    Files.deleteIfExists(socket());
    int pid;
    try (UnixListener listener = UnixListener.bind(socket(), BACKLOG)) {
      pid =
          Spawner.spawn(
              keeper, List.of("--cards", folder.toString()), listener.descriptor(), SOCKET);
    }
    Thread.ofVirtual().name("cards " + run).start(() -> reap(pid));
    return true;
  }

  private boolean kept() {
    try (SocketChannel _ = UnixListener.connect(socket())) {
      return true;
    } catch (IOException nobody) {
      return false;
    }
  }

  private static void reap(int pid) {
    try {
      while (!Children.reap(pid)) {
        Thread.sleep(250);
      }
    } catch (InterruptedException e) {
      throw new IllegalStateException("nobody interrupts this thread", e);
    }
  }

  private Path socket() {
    return folder.resolve("sock");
  }

  private List<String> cards() throws IOException {
    return Files.readAllLines(folder.resolve(CARDS));
  }

  CardEnd end(NetworkId network) throws DriverException, InterruptedException {
    need(network);
    try {
      needKeeper();
      return CardLine.device(socket(), run, network);
    } catch (EngineException e) {
      throw e.toDriver("find the network of run " + run);
    } catch (IOException e) {
      throw noAnswer(e);
    }
  }

  void readdress(NetworkCard card) throws DriverException, InterruptedException {
    need(card.network());
    try {
      needKeeper();
      CardLine.readdress(socket(), run, card);
      HostsFile.readdress(folder.resolve(HostsFile.NAME), card);
      remember(card);
    } catch (EngineException e) {
      throw e.toDriver("find the network of run " + run);
    } catch (IOException e) {
      throw noAnswer(e);
    }
  }

  /// For a keeper after this one.
  private synchronized void remember(NetworkCard card) throws IOException {
    List<String> all = new ArrayList<>();
    for (String line : cards()) {
      all.add(line.startsWith(card.network() + " ") ? CardText.word(card) : line);
    }
    Path draft = folder.resolve(CARDS + ".new");
    Files.write(draft, all);
    Files.move(draft, folder.resolve(CARDS), StandardCopyOption.ATOMIC_MOVE);
  }

  private void need(NetworkId network) throws DriverException {
    try {
      if (cards().stream().noneMatch(line -> line.startsWith(network + " "))) {
        throw none(run, network);
      }
    } catch (IOException e) {
      throw noAnswer(e);
    }
  }

  static DriverException none(RunId run, NetworkId network) {
    return new DriverException(
        ErrorCode.NOT_FOUND,
        "run " + run + " has no card of network " + network,
        "a payload gets its cards when it starts");
  }

  private void needKeeper()
      throws DriverException, EngineException, IOException, InterruptedException {
    if (!keep()) {
      throw ended(run);
    }
  }

  static DriverException ended(RunId run) {
    return new DriverException(
        ErrorCode.CONFLICT,
        "run " + run + " has ended, and its cards with it",
        "start the task again");
  }

  private DriverException noAnswer(IOException e) {
    return new DriverException(
        ErrorCode.INTERNAL,
        "whoever keeps the cards of run " + run + " does not answer: " + e.getMessage(),
        "try again; see " + folder,
        e);
  }
}
