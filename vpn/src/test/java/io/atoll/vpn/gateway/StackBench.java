package io.atoll.vpn.gateway;

import io.atoll.core.testing.OwnNetwork;
import io.atoll.vpn.port.Offload;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/// How much goes through a stack: from stack to stack in memory, and between a stack and the
/// system's TCP behind a TUN device, one flow and a thousand: `./dev bench stack`.
public final class StackBench {
  private static final int PORT = 9;
  private static final Duration SECONDS = Duration.ofSeconds(30);

  private StackBench() {}

  /// One way for bytes.
  private record Pipe(OutputStream out, InputStream in, AutoCloseable both) {}

  /// @param words how many rounds; `kernel` behind it for the part inside a namespace
  public static void main(String[] words) throws Exception {
    int rounds = words.length > 0 ? Integer.parseInt(words[0]) : 3;
    if (words.length > 1 && words[1].equals("kernel")) {
      kernel(rounds);
      return;
    }
    for (int round = 0; round < rounds; round++) {
      memory(1, 2L << 30);
      memory(1000, 1L << 30);
    }
    inNamespace(rounds);
  }

  private static void inNamespace(int rounds) throws Exception {
    Path said = Files.createTempFile("stack-bench", ".txt");
    List<String> command = new ArrayList<>(List.of("b"));
    for (String word : OwnNetwork.java(StackBench.class)) {
      // As the product runs, not as tests do.
      command.add(
          switch (word) {
            case "-XX:TieredStopAtLevel=1" -> "-XX:+TieredCompilation";
            case "-Xmx64m" -> "-Xmx1g";
            case "-XX:+UseSerialGC" -> "-XX:+UseG1GC";
            default -> word;
          });
    }
    command.addAll(List.of(Integer.toString(rounds), "kernel"));
    Path script = Path.of(System.getProperty("atoll.root", ".."), "vpn/src/test/sh/namespaces.sh");
    OwnNetwork.run(said, Duration.ofMinutes(10), script, command)
        .lines()
        .filter(line -> line.startsWith("figure") || line.contains("Exception"))
        .forEach(System.out::println);
    Files.delete(said);
  }

  private static void memory(int flows, long bytes) throws Exception {
    try (TwoStacks two = TwoStacks.clean();
        TcpListener listener = two.b.listen(PORT)) {
      List<Pipe> pipes = new ArrayList<>();
      for (int i = 0; i < flows; i++) {
        TcpStream out = two.a.connect(TwoStacks.B4, PORT, SECONDS);
        TcpStream in = listener.accept();
        pipes.add(new Pipe(out.output(), in.input(), out::close));
      }
      measure("stack to stack in memory", pipes, bytes);
    }
  }

  private static void kernel(int rounds) throws Exception {
    for (int round = 0; round < rounds; round++) {
      for (int flows : new int[] {1, 1000}) {
        long bytes = flows == 1 ? 2L << 30 : 1L << 30;
        toKernel("stack to kernel", KernelLab.ALL, flows, bytes);
        fromKernel("kernel to stack", KernelLab.ALL, flows, bytes);
      }
      toKernel("stack to kernel, no offloads", Set.of(), 1, 256L << 20);
      fromKernel("kernel to stack, no offloads", Set.of(), 1, 256L << 20);
    }
  }

  private static void toKernel(String what, Set<Offload> offloads, int flows, long bytes)
      throws Exception {
    try (KernelLab lab = KernelLab.clean(offloads);
        ServerSocket server =
            KernelLab.inside(() -> new ServerSocket(PORT, 100, KernelLab.KERNEL4))) {
      List<Pipe> pipes = new ArrayList<>();
      for (int i = 0; i < flows; i++) {
        TcpStream out = lab.stack.connect(KernelLab.KERNEL4, PORT, SECONDS);
        Socket in = server.accept();
        pipes.add(new Pipe(out.output(), in.getInputStream(), in));
      }
      measure(what, pipes, bytes);
    }
  }

  private static void fromKernel(String what, Set<Offload> offloads, int flows, long bytes)
      throws Exception {
    try (KernelLab lab = KernelLab.clean(offloads);
        TcpListener listener = lab.stack.listen(PORT)) {
      List<Pipe> pipes = new ArrayList<>();
      List<Socket> sockets =
          KernelLab.inside(
              () -> {
                List<Socket> made = new ArrayList<>();
                for (int i = 0; i < flows; i++) {
                  Socket socket = new Socket();
                  socket.connect(new InetSocketAddress(KernelLab.STACK4, PORT), 5000);
                  made.add(socket);
                  pipes.add(new Pipe(socket.getOutputStream(), listener.accept().input(), socket));
                }
                return made;
              });
      measure(what, pipes, bytes);
      for (Socket socket : sockets) {
        socket.close();
      }
    }
  }

  private static void measure(String what, List<Pipe> pipes, long bytes) throws Exception {
    long each = bytes / pipes.size();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      long began = System.nanoTime();
      List<Future<?>> all = new ArrayList<>();
      for (Pipe pipe : pipes) {
        Callable<Void> writing =
            () -> {
              byte[] block = new byte[pipes.size() > 1 ? 1 << 14 : 1 << 17];
              for (long left = each; left > 0; left -= block.length) {
                pipe.out.write(block, 0, (int) Math.min(left, block.length));
              }
              return null;
            };
        Callable<Void> reading =
            () -> {
              byte[] block = new byte[pipes.size() > 1 ? 1 << 14 : 1 << 17];
              for (long left = each; left > 0; ) {
                int got = pipe.in.read(block);
                if (got < 0) {
                  throw new IllegalStateException(left + " bytes are missing");
                }
                left -= got;
              }
              return null;
            };
        all.add(threads.submit(writing));
        all.add(threads.submit(reading));
      }
      for (Future<?> one : all) {
        one.get();
      }
      double seconds = (System.nanoTime() - began) / 1e9;
      System.out.printf(
          "figure %-30s %5d flows %7.2f Gbit/s%n", what, pipes.size(), bytes * 8 / seconds / 1e9);
      for (Pipe pipe : pipes) {
        pipe.both.close();
      }
    }
  }
}
