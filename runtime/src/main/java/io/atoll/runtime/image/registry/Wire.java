package io.atoll.runtime.image.registry;

import com.fasterxml.jackson.databind.JsonNode;
import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.json.Json;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/// Requests to registries: with the authorisation they want, through the redirects they make. The
/// authorisation is only ever sent to the registry it is for.
final class Wire implements AutoCloseable {
  private static final int MOST_REDIRECTS = 5;
  private static final int MOST_TOKEN_BYTES = 64 << 10;
  private static final int MOST_ERROR_BYTES = 8 << 10;

  private final RegistrySettings settings;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final HttpClient client;
  private final Map<String, String> authorisations = new ConcurrentHashMap<>();

  Wire(RegistrySettings settings) {
    this.settings = settings;
    this.client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(
                settings.answer().compareTo(Duration.ofSeconds(10)) < 0
                    ? settings.answer()
                    : Duration.ofSeconds(10))
            .executor(threads)
            .build();
  }

  /// An answer whose body has not been read.
  record Answer(int status, HttpResponse<InputStream> response, InputStream body)
      implements AutoCloseable {
    String header(String name) {
      return response.headers().firstValue(name).orElse("");
    }

    @Override
    public void close() {
      try {
        body.close();
      } catch (IOException _) {
        // It was of no more use.
      }
    }
  }

  /// Asks, and asks again with what the registry wants to see.
  ///
  /// @param name whose registry, and whose repository the authorisation is for
  /// @param path below `/v2/`
  /// @return with any status but 401 and redirects
  Answer get(ImageName name, String path, Map<String, String> headers) throws InterruptedException {
    String server = name.host();
    URI uri =
        uri((settings.mayBePlain(server) ? "http" : "https") + "://" + server + "/v2/" + path);
    String scope = server + " " + name.repository();
    Answer first = follow(name, uri, headers, authorisations.get(scope));
    if (first.status() != 401) {
      return first;
    }
    Optional<Challenge> wanted;
    try (first) {
      wanted = Challenge.of(first.response().headers().allValues("WWW-Authenticate"));
    }
    String authorisation = authorise(name, wanted.orElse(null));
    authorisations.put(scope, authorisation);
    Answer second = follow(name, uri, headers, authorisation);
    if (second.status() == 401) {
      authorisations.remove(scope, authorisation);
      second.close();
      throw unauthenticated(name, settings.credentials().at(name.host()).isPresent());
    }
    return second;
  }

  private String authorise(ImageName name, @Nullable Challenge wanted) throws InterruptedException {
    Optional<Credentials.Login> login = settings.credentials().at(name.host());
    if (wanted == null || (wanted.scheme().equals("basic") && login.isEmpty())) {
      throw unauthenticated(name, login.isPresent());
    }
    if (wanted.scheme().equals("basic")) {
      return login.orElseThrow().header();
    }
    return "Bearer " + token(name, wanted, login);
  }

  /// Trades a login, or nothing, for a token that is good for reading this one repository, whatever
  /// scope the registry would like.
  private String token(ImageName name, Challenge wanted, Optional<Credentials.Login> login)
      throws InterruptedException {
    String realm = String.valueOf(wanted.parameters().get("realm"));
    String service = wanted.parameters().getOrDefault("service", "");
    URI uri =
        uri(
            realm
                + (realm.contains("?") ? "&" : "?")
                + "scope="
                + encode("repository:" + name.repository() + ":pull")
                + (service.isEmpty() ? "" : "&service=" + encode(service)));
    refuseUnsafe(name, uri);
    Map<String, String> headers =
        login.isPresent() ? Map.of("Authorization", login.get().header()) : Map.of();
    try (Answer answer = send(name, uri, headers)) {
      if (answer.status() == 401 || answer.status() == 403) {
        throw unauthenticated(name, login.isPresent());
      }
      byte[] bytes = answer.body().readNBytes(MOST_TOKEN_BYTES);
      if (answer.status() != 200) {
        throw refused(name, "the token service " + uri.getHost(), answer.status(), bytes);
      }
      JsonNode body = Json.mapper().readTree(bytes);
      String token = body.path("token").asText(body.path("access_token").asText(""));
      if (!token.matches("[\\x21-\\x7e]{1,32768}")) {
        throw new IOException("its answer holds no token");
      }
      return token;
    } catch (IOException e) {
      throw broken(name, "the token service " + uri.getHost(), e);
    }
  }

  private Answer follow(
      ImageName name, URI first, Map<String, String> headers, @Nullable String authorisation)
      throws InterruptedException {
    URI uri = first;
    for (int hop = 0; hop <= MOST_REDIRECTS; hop++) {
      boolean home = sameOrigin(uri, first);
      Map<String, String> all = new java.util.LinkedHashMap<>(headers);
      if (home && authorisation != null) {
        all.put("Authorization", authorisation);
      }
      Answer answer = send(name, uri, all);
      String location = answer.header("Location");
      if (answer.status() < 300 || answer.status() > 399 || location.isEmpty()) {
        return answer;
      }
      answer.close();
      try {
        uri = uri.resolve(location);
      } catch (IllegalArgumentException e) {
        throw broken(name, name.host(), new IOException("a redirect to no address", e));
      }
      refuseUnsafe(name, uri);
    }
    throw broken(name, name.host(), new IOException("more than " + MOST_REDIRECTS + " redirects"));
  }

  /// A registry may send us elsewhere, but not from TLS to none, and not into this machine.
  private void refuseUnsafe(ImageName name, URI uri) {
    String authority = String.valueOf(uri.getAuthority());
    boolean https = "https".equals(uri.getScheme());
    boolean http = "http".equals(uri.getScheme());
    boolean homePlain = settings.mayBePlain(name.host());
    if (uri.getHost() == null
        || uri.getUserInfo() != null
        || !(https || (http && homePlain && settings.mayBePlain(authority)))
        || (!homePlain && RegistrySettings.inward(authority))) {
      throw new AtollException(
          ErrorCode.DENIED,
          "the registry "
              + name.host()
              + " sent us on to "
              + uri.getScheme()
              + "://"
              + authority
              + ", which is not safe",
          "it must answer by https, and not from this machine; ask whoever runs it");
    }
  }

  private Answer send(ImageName name, URI uri, Map<String, String> headers)
      throws InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(uri).timeout(settings.answer()).header("User-Agent", "atoll");
    headers.forEach(request::header);
    try {
      HttpResponse<InputStream> response =
          client.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
      return new Answer(
          response.statusCode(), response, new PatientStream(response.body(), settings.stall()));
    } catch (IOException e) {
      throw broken(name, uri.getAuthority(), e);
    }
  }

  /// What to say of an answer that is not the one wanted.
  static AtollException refused(ImageName name, String who, int status, byte[] body) {
    String said = said(body);
    String text = who + " answered " + status + (said.isEmpty() ? "" : ": " + said);
    return switch (status) {
      case 404 ->
          new AtollException(
              ErrorCode.IMAGE_NOT_FOUND,
              "there is no image " + name + ": " + text,
              "check name, tag and registry");
      case 403 ->
          new AtollException(
              ErrorCode.DENIED,
              "may not fetch " + name + ": " + text,
              "log in as somebody who may: docker login " + name.host());
      case 429 ->
          new AtollException(
              ErrorCode.TOO_MANY_REQUESTS,
              "could not fetch " + name + ": " + text,
              "wait a while, or log in: docker login " + name.host());
      default ->
          new AtollException(
              ErrorCode.UNREACHABLE,
              "could not fetch " + name + ": " + text,
              "try again; if it stays so, ask whoever runs the registry");
    };
  }

  static byte[] errorBody(Answer answer) {
    try {
      return answer.body().readNBytes(MOST_ERROR_BYTES);
    } catch (IOException _) {
      return new byte[0];
    }
  }

  /// The registry's own words, made harmless for a terminal.
  private static String said(byte[] body) {
    try {
      JsonNode first = Json.mapper().readTree(body).path("errors").path(0);
      String text = first.path("code").asText("") + " " + first.path("message").asText("");
      String plain = text.replaceAll("[^\\x20-\\x7e]", "?").strip();
      return plain.substring(0, Math.min(200, plain.length()));
    } catch (IOException _) {
      return "";
    }
  }

  static AtollException broken(ImageName name, @Nullable String who, IOException cause) {
    boolean late =
        cause instanceof HttpTimeoutException || cause instanceof java.net.SocketTimeoutException;
    String reason = cause.getMessage();
    return new AtollException(
        late ? ErrorCode.TIMEOUT : ErrorCode.UNREACHABLE,
        "could not fetch "
            + name
            + " from "
            + who
            + ": "
            + (reason == null || reason.isEmpty() ? cause.getClass().getSimpleName() : reason),
        "check that this machine reaches the registry, and try again: what came so far is kept",
        cause);
  }

  private static AtollException unauthenticated(ImageName name, boolean loggedIn) {
    return new AtollException(
        ErrorCode.UNAUTHENTICATED,
        loggedIn
            ? "the registry " + name.host() + " does not take our login for " + name
            : "the registry "
                + name.host()
                + " wants a login for "
                + name
                + " (or there is no such image)",
        "log in: docker login " + name.host() + ", or check the name");
  }

  private static boolean sameOrigin(URI one, URI other) {
    return one.getScheme().equals(other.getScheme())
        && String.valueOf(one.getAuthority()).equalsIgnoreCase(other.getAuthority());
  }

  private static URI uri(String text) {
    try {
      return URI.create(text);
    } catch (IllegalArgumentException e) {
      throw new AtollException(
          ErrorCode.UNREACHABLE,
          "the registry gave an address that is none: "
              + text.substring(0, Math.min(100, text.length())),
          "ask whoever runs it",
          e);
    }
  }

  private static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  /// Headers of a request for a manifest.
  static Map<String, String> accepting(List<String> types) {
    return Map.of("Accept", String.join(", ", types));
  }

  @Override
  public void close() {
    client.shutdownNow();
    threads.shutdownNow();
  }
}
