package io.atoll.runtime.hardware;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What is read of several machines, each a tree of files.
class HardwareReaderTest {
  @TempDir Path folder;

  private Tree machine() {
    return new Tree(folder);
  }

  private static void assertProcessor(
      Processor read, String architecture, List<Integer> bits, int cores, int threads) {
    assertThat(read).isEqualTo(new Processor(architecture, bits, cores, threads, read.model()));
  }

  @Test
  void twoThreadsOfACoreAreOneCore() throws Exception {
    Tree tree = machine().x86("lm ht", "0/0", "0/1", "0/2", "0/3", "0/0", "0/1", "0/2", "0/3");
    Processor read = tree.read("amd64").processor();
    assertProcessor(read, "x86", List.of(32, 64), 4, 8);
    assertThat(read.model()).isEqualTo("Example(R) CPU @ 3.00GHz: fast");
  }

  /// The ids of cores repeat from socket to socket, and have gaps.
  @Test
  void coresOfTwoSocketsAreCountedApart() throws Exception {
    Tree tree =
        machine().x86("lm", "0/0", "1/0", "0/1", "1/1", "0/8", "1/8", "0/0", "1/0", "0/1", "1/1");
    assertProcessor(tree.read("amd64").processor(), "x86", List.of(32, 64), 6, 10);
  }

  /// Two fast cores of two threads each beside four slow ones of one.
  @Test
  void coresOfDifferentKindsAreCounted() throws Exception {
    Tree tree = machine().x86("lm", "0/0", "0/0", "0/4", "0/4", "0/8", "0/9", "0/10", "0/11");
    assertProcessor(tree.read("amd64").processor(), "x86", List.of(32, 64), 6, 8);
  }

  @Test
  void anOldMachineHasNoLongMode() throws Exception {
    assertProcessor(machine().x86("pae", "0/0").read("i386").processor(), "x86", List.of(32), 1, 1);
  }

  @Test
  void anArmTellsItsCoresByTheirSiblings() throws Exception {
    Tree tree = machine().arm(8, "0", "1", "2", "3", "4", "5", "6", "7");
    assertProcessor(tree.read("aarch64").processor(), "arm", List.of(64), 8, 8);
    assertProcessor(tree.reader("aarch64", true).read().processor(), "arm", List.of(32, 64), 8, 8);
  }

  @Test
  void anArmWithThreadsTellsThemFromCores() throws Exception {
    Tree tree = machine().arm(4, "0-1", "0-1", "2-3", "2-3");
    assertProcessor(tree.read("aarch64").processor(), "arm", List.of(64), 2, 4);
    tree.file("sys/devices/system/cpu/cpu3/online", "0\n");
    tree.file("sys/devices/system/cpu/aarch32_el0", "0-1\n");
    assertProcessor(tree.read("aarch64").processor(), "arm", List.of(32, 64), 4, 4);
  }

  @Test
  void whereNothingIsSaidOfCoresEachThreadIsOne() throws Exception {
    assertProcessor(machine().arm(6).read("aarch64").processor(), "arm", List.of(64), 6, 6);
  }

  @Test
  void oldArmKernelsSayProcessorTwice() throws Exception {
    Tree tree =
        machine()
            .file(
                "proc/cpuinfo",
                "Processor\t: ARMv7 Processor rev 10 (v7l)\nprocessor\t: 0\nBogoMIPS\t: 1\n\n"
                    + "processor\t: 1\nBogoMIPS\t: 1\n\nFeatures\t: swp half\n");
    Processor read = tree.read("arm").processor();
    assertProcessor(read, "arm", List.of(32), 2, 2);
    assertThat(read.model()).isEqualTo("ARMv7 Processor rev 10 (v7l)");
  }

  /// As in a container that hides `/sys` and whose host says nothing of cores.
  @Test
  void aContainerIsReadByWhatItShows() throws Exception {
    Tree tree =
        machine()
            .file("proc/cpuinfo", "processor : 0\nflags : lm\n\nprocessor : 1\nflags : lm\n")
            .file("etc/os-release", "# made\nNAME='Alpine Linux'\nID=alpine\nVERSION_ID=3.20.1\n")
            .file("proc/self/cgroup", "0::/\n")
            .file("sys/fs/cgroup/memory.max", "1073741824\n")
            .file("sys/fs/cgroup/memory.current", "805306368\n")
            .file("sys/fs/cgroup/memory.stat", "anon 1\ninactive_file 268435456\n");
    Hardware read = tree.read("amd64");
    assertProcessor(read.processor(), "x86", List.of(32, 64), 2, 2);
    assertThat(read.system()).isEqualTo("Alpine Linux 3.20.1");
    assertThat(read.memoryLeft()).isEqualTo(512L << 20);
    assertThat(read.gpus()).isEmpty();
    assertThat(read.disk()).isEqualTo(Hardware.DiskKind.UNKNOWN);
  }

  @Test
  void ofAMachineThatShowsNothingJavaTells() {
    Hardware read = machine().read("s390x");
    int threads = Runtime.getRuntime().availableProcessors();
    assertProcessor(read.processor(), "s390x", List.of(64), threads, threads);
    assertThat(read.system()).isEqualTo("Plan 9");
    assertThat(read.kernel()).isEqualTo("Plan 9");
    assertThat(read.hostname()).isEmpty();
    assertThat(read.memoryLeft()).isEqualTo(Long.MAX_VALUE);
  }

  @Test
  void limitsOfAllGroupsAroundCount() throws Exception {
    Tree tree = machine().file("proc/self/cgroup", "0::/user.slice/atoll.service\n");
    String group = "sys/fs/cgroup/user.slice/";
    tree.file(group + "atoll.service/memory.max", "max\n");
    tree.file(group + "atoll.service/memory.current", "5\n");
    assertThat(tree.read("amd64").memoryLeft()).isEqualTo(Long.MAX_VALUE);
    tree.file(group + "memory.max", "4096\n").file(group + "memory.current", "1096\n");
    assertThat(tree.read("amd64").memoryLeft()).isEqualTo(3000);
    tree.file(group + "memory.current", "9999\n");
    assertThat(tree.read("amd64").memoryLeft()).isZero();
  }

  @Test
  void bothVersionsOfControlGroupsAreUnderstood() throws Exception {
    Tree tree = machine().file("proc/self/cgroup", "3:cpu,cpuacct:/x\n2:memory:/docker/abc\n");
    // Inside of a container its own folder is the top, whatever its path says.
    String top = "sys/fs/cgroup/memory/";
    tree.file(top + "memory.limit_in_bytes", "9223372036854771712\n");
    tree.file(top + "memory.usage_in_bytes", "1000\n");
    assertThat(tree.read("amd64").memoryLeft()).isEqualTo(Long.MAX_VALUE);
    tree.file(top + "memory.limit_in_bytes", "5000\n");
    tree.file(top + "memory.stat", "inactive_file 1\ntotal_inactive_file 400\n");
    assertThat(tree.read("amd64").memoryLeft()).isEqualTo(4400);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "PRETTY_NAME=\"Ubuntu 24.04.1 LTS\"|Ubuntu 24.04.1 LTS",
        "PRETTY_NAME='It\\'s \\\"Linux\\\"'|It's \"Linux\"",
        "NAME=Fedora|Fedora",
        "ID=void|void",
        "PRETTY_NAME=\"\"|Plan 9",
        "no release|Plan 9",
        "=|Plan 9"
      })
  void namesTheSystem(String release, String name) throws Exception {
    Tree tree = machine().file("usr/lib/os-release", release + "\n");
    assertThat(tree.read("amd64").system()).isEqualTo(name);
  }

  @Test
  void readsWhatTheKernelCallsItself() throws Exception {
    Tree tree =
        machine()
            .file("proc/sys/kernel/ostype", "Linux\n")
            .file("proc/sys/kernel/osrelease", "6.8.0-45-generic\n")
            .file("proc/sys/kernel/hostname", "ada\n");
    assertThat(tree.read("amd64").kernel()).isEqualTo("Linux 6.8.0-45-generic");
    assertThat(tree.read("amd64").hostname()).isEqualTo("ada");
  }

  /// 8:17 is the first partition of the second disk; 259:65536 has a minor number of two parts.
  @Test
  void asksTheDiskUnderAPartition() throws Exception {
    Tree tree =
        machine()
            .file("sys/devices/pci/block/sdb/queue/rotational", "1\n")
            .link("sys/dev/block/8:17", "sys/devices/pci/block/sdb/sdb1")
            .file("sys/devices/pci/block/nvme0n1/queue/rotational", "0\n")
            .link("sys/dev/block/259:65536", "sys/devices/pci/block/nvme0n1");
    HardwareReader reader = tree.reader("amd64", false);
    assertThat(reader.disk(0x811)).isEqualTo(Hardware.DiskKind.HDD);
    assertThat(reader.disk(0x10010300L)).isEqualTo(Hardware.DiskKind.SSD);
    assertThat(reader.disk(0x812)).isEqualTo(Hardware.DiskKind.UNKNOWN);
  }

  @Test
  void damagedFilesNeverFail() throws Exception {
    long seed = Long.getLong("atoll.fuzz.seed", System.nanoTime());
    int rounds = Integer.getInteger("atoll.fuzz.rounds", 60);
    Random random = new Random(seed);
    List<String> files =
        List.of("proc/cpuinfo", "etc/os-release", "proc/self/cgroup", "proc/sys/kernel/hostname");
    Tree tree = machine().x86("lm", "0/0", "0/1");
    for (int i = 0; i < rounds; i++) {
      byte[] bytes = new byte[random.nextInt(200)];
      random.nextBytes(bytes);
      String text = new String(bytes, java.nio.charset.StandardCharsets.ISO_8859_1);
      String line = List.of("processor: ", "core id: ", "0::", "NAME=").get(random.nextInt(4));
      tree.file(files.get(random.nextInt(files.size())), line + text + "\n" + line);
      Processor read = tree.read("amd64").processor();
      assertThat(read.cores()).as("seed %d, round %d", seed, i).isBetween(1, read.threads());
      assertThat(tree.read("amd64").system()).isNotEmpty();
    }
  }

  @Test
  void readsThisMachine() {
    Hardware read = HardwareReader.ofThisMachine(folder).read();
    assertThat(read.processor().threads())
        .isGreaterThanOrEqualTo(Runtime.getRuntime().availableProcessors());
    assertThat(read.processor().cores()).isBetween(1, read.processor().threads());
    assertThat(read.processor().bits()).contains(64);
    assertThat(read.system()).isNotEmpty();
    assertThat(read.memoryLeft()).isPositive();
  }
}
