package io.atoll.runtime.docker;

/// Is told how the fetching of an image goes. Called on the thread that prepares the run, at most
/// once a second.
@FunctionalInterface
public interface PullListener {
  /// @param image as the workload names it
  /// @param line for people, such as `pulling alpine:3.20: 12.4MB/30MB`
  void progress(String image, String line);
}
