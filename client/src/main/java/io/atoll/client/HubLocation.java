package io.atoll.client;

import io.atoll.client.config.Setting;
import io.atoll.client.config.Settings;
import io.atoll.client.config.Settings.Layer;
import io.atoll.client.config.Settings.Value;
import io.atoll.client.request.Shown;
import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Where a hub is, and the key for it.
///
/// A daemon writes two files into its data folder: `api` with the URL of its API and `cli.key`
/// (0600) with a key for it. From elsewhere the two come from `ATOLL_HUB` and `ATOLL_KEY`.
///
/// @param key null if none was found; only open routes can be called then
/// @param origin where the address came from, for people
/// @param keyOrigin where the key came from, for people
public record HubLocation(URI api, @Nullable String key, String origin, String keyOrigin) {
  public static final String API_FILE = "api";
  public static final String KEY_FILE = "cli.key";

  public static final Setting DATA_DIR =
      Setting.of("data-dir", "", "folder of the daemon on this machine");
  public static final Setting HUB = Setting.of("hub", "", "URL of a hub elsewhere");
  public static final Setting KEY = Setting.secret("key", "key for that hub");
  public static final Setting KEY_OF_APP =
      Setting.of("key-file", "", "file with an app's own key for that hub, in place of a key");
  public static final List<Setting> SETTINGS = List.of(DATA_DIR, HUB, KEY, KEY_OF_APP);

  /// @throws AtollException BAD_REQUEST if the key cannot be one: it would not go into a header
  public HubLocation {
    if (key != null && !key.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
      throw new AtollException(
          ErrorCode.BAD_REQUEST,
          "the key from " + keyOrigin + " is no key: it has spaces or other characters in it",
          "copy it again, on one line: `atoll app redeem -q INVITE` prints nothing else");
    }
  }

  /// With a key from where the address came from.
  public HubLocation(URI api, @Nullable String key, String origin) {
    this(api, key, origin, origin);
  }

  /// The folder of the daemon on this machine.
  public static Path dataDir(Settings settings) {
    return settings
        .find(DATA_DIR)
        .map(value -> Path.of(value.text()).toAbsolutePath().normalize())
        .orElse(settings.places().dataDir());
  }

  /// @throws AtollException UNREACHABLE if no daemon has been here and no hub is named
  public static HubLocation find(Settings settings) {
    Optional<Value> hub = settings.find(HUB);
    Optional<Value> folder = settings.find(DATA_DIR);
    // A flag is nearer than a variable: --data-dir wins over ATOLL_HUB.
    boolean folderIsNearer =
        folder.isPresent()
            && hub.isPresent()
            && folder.get().layer().compareTo(hub.get().layer()) < 0;
    if (folderIsNearer) {
      // ATOLL_KEY belongs to ATOLL_HUB, not to the daemon that the flag names.
      return local(dataDir(settings), Optional.empty());
    }
    return hub.isPresent()
        ? named(hub.get(), settings.find(KEY))
        : local(dataDir(settings), settings.find(KEY));
  }

  private static HubLocation named(Value hub, Optional<Value> key) {
    // A folder that somebody else filled must not be able to lead a key to another hub.
    if (isElsewhere(hub, key)) {
      throw new AtollException(
          ErrorCode.DENIED,
          hub.origin() + " names a hub, but the key comes from " + key.get().origin(),
          "put ATOLL_HUB and ATOLL_KEY into the same place");
    }
    return new HubLocation(
        url(hub.text(), hub.origin()),
        key.map(Value::text).orElse(null),
        hub.origin(),
        key.map(Value::origin).orElse(""));
  }

  private static boolean isElsewhere(Value hub, Optional<Value> key) {
    return hub.layer() == Layer.DOTENV && key.isPresent() && key.get().layer() != Layer.DOTENV;
  }

  /// The file with an app's own key, for a hub that was found by these settings; empty where a key
  /// is named that needs no proof.
  ///
  /// @throws AtollException DENIED where somebody else's folder names the hub
  public static Optional<Path> keyFile(Settings settings) {
    Optional<Value> file = settings.find(KEY_OF_APP);
    if (file.isEmpty() || settings.find(KEY).isPresent()) {
      return Optional.empty();
    }
    Optional<Value> hub = settings.find(HUB);
    if (hub.isPresent() && isElsewhere(hub.get(), file)) {
      throw new AtollException(
          ErrorCode.DENIED,
          hub.get().origin() + " names a hub, but the key comes from " + file.get().origin(),
          "put ATOLL_HUB and ATOLL_KEY_FILE into the same place");
    }
    return Optional.of(Path.of(file.get().text()));
  }

  /// The same hub, with this key.
  public HubLocation with(@Nullable String other, String otherOrigin) {
    return new HubLocation(api, other, origin, otherOrigin);
  }

  private static HubLocation local(Path folder, Optional<Value> key) {
    Path file = folder.resolve(API_FILE);
    String api = read(file);
    // Empty: a daemon is just writing it.
    if (api == null || api.isEmpty()) {
      throw new AtollException(
          ErrorCode.UNREACHABLE,
          "no hub is known: " + folder + " holds no " + API_FILE + " file",
          "start a daemon with `atoll up`, or name a hub by ATOLL_HUB and ATOLL_KEY");
    }
    Path keyFile = folder.resolve(KEY_FILE);
    return new HubLocation(
        url(api, file.toString()),
        key.map(Value::text).orElseGet(() -> read(keyFile)),
        file.toString(),
        key.map(Value::origin).orElse(keyFile.toString()));
  }

  /// The hub's 401 in the words of who has settings. The hub's own hint names an HTTP header: that
  /// is for those who write their requests themselves.
  ///
  /// @param said by the hub
  AtollException unauthenticated(String said) {
    String hub = "the hub at " + api + " (from " + origin + ")";
    return new AtollException(
        ErrorCode.UNAUTHENTICATED,
        key == null
            ? hub + " asks for a key, and none was found"
            : hub + " refuses the key from " + keyOrigin + ": " + said,
        "set ATOLL_KEY to a key of that hub (`atoll app redeem INVITE` prints one); on the hub's"
            + " own machine, name its data folder by --data-dir: the key in it serves");
  }

  private static @Nullable String read(Path file) {
    try {
      return Files.readString(file).strip();
    } catch (NoSuchFileException e) {
      return null;
    } catch (IOException e) {
      throw new AtollException(
          ErrorCode.DENIED,
          "cannot read " + file,
          "run as the user of the daemon, or use ATOLL_HUB and ATOLL_KEY",
          e);
    }
  }

  private static URI url(String text, String origin) {
    try {
      URI uri = URI.create(text.endsWith("/") ? text.substring(0, text.length() - 1) : text);
      boolean http = "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
      if (http && uri.getHost() != null && uri.getUserInfo() == null && uri.getQuery() == null) {
        return uri;
      }
    } catch (IllegalArgumentException e) {
      // answered below, as what is no URL of a hub
    }
    throw new AtollException(
        ErrorCode.BAD_REQUEST,
        Shown.quoted(text) + " from " + origin + " is not the URL of a hub",
        "write http://HOST:PORT or https://HOST");
  }
}
