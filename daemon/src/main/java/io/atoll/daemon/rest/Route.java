package io.atoll.daemon.rest;

import io.helidon.http.Method;
import java.util.List;

/// One line of the served contract.
///
/// @param path template, as in `openapi.yaml`
/// @param parameters of the query; a call with others is refused, unless the route is open to all
record Route(Method method, String path, Access access, List<String> parameters, Action action) {
  /// Answers a call; what it throws becomes a problem.
  interface Action {
    void handle(Call call) throws Exception;
  }

  Route {
    parameters = List.copyOf(parameters);
  }

  static Route get(String path, Action action) {
    return new Route(Method.GET, path, Access.KEY, List.of(), action);
  }

  static Route post(String path, Action action) {
    return new Route(Method.POST, path, Access.KEY, List.of(), action);
  }

  static Route put(String path, Action action) {
    return new Route(Method.PUT, path, Access.KEY, List.of(), action);
  }

  static Route delete(String path, Action action) {
    return new Route(Method.DELETE, path, Access.KEY, List.of(), action);
  }

  /// The same, with parameters in its query.
  Route with(String... names) {
    return new Route(method, path, access, List.of(names), action);
  }

  /// The same, open for a reason.
  Route open(Access reason) {
    return new Route(method, path, reason, parameters, action);
  }

  /// How the record of who did what names it.
  String words() {
    return method.text() + " " + path;
  }

  void answer(Call call) throws Exception {
    switch (access) {
      case KEY, INVITE, PROOF -> call.expectOnly(parameters);
      case ALWAYS, LOOPBACK -> {
        // Probes and scrapers add parameters of their own.
      }
    }
    action.handle(call);
  }
}
