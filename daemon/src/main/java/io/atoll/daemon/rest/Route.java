package io.atoll.daemon.rest;

import io.helidon.http.Method;

/// One line of the served contract.
///
/// @param path template, as in `openapi.yaml`
record Route(Method method, String path, Access access, Action action) {
  /// Answers a call; what it throws becomes a problem.
  interface Action {
    void handle(Call call) throws Exception;
  }

  static Route get(String path, Action action) {
    return new Route(Method.GET, path, Access.KEY, action);
  }

  static Route post(String path, Action action) {
    return new Route(Method.POST, path, Access.KEY, action);
  }

  static Route delete(String path, Action action) {
    return new Route(Method.DELETE, path, Access.KEY, action);
  }

  /// The same, open for a reason.
  Route open(Access reason) {
    return new Route(method, path, reason, action);
  }
}
