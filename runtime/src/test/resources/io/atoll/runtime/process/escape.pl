# Tries to leave the sandbox. Prints "ok NAME" for each thing that was refused and "ESCAPED NAME: …"
# for each that was not. Arguments: pid of a process of the host, path of a file of another run.
use strict;
use Socket;
my ($host_pid, $foreign) = @ARGV;
my $arm = `uname -m` =~ /aarch64/;
my ($EPERM, $ENOSYS) = (1, 38);

sub refused { my ($name, $worked, $how) = @_; print $worked ? "ESCAPED $name: $how\n" : "ok $name\n"; }
sub writes { my ($name, $path, $text) = @_;
  my $f; my $ok = open($f, '>', $path) && syswrite($f, $text); refused($name, $ok, $path); }
# A system call that must fail, with exactly this error if one is given.
sub call { my ($name, $errno, $x86, $on_arm, @args) = @_;
  $! = 0; my $got = syscall($arm ? $on_arm : $x86, @args); my $e = $! + 0;
  refused($name, $got >= 0 || (defined $errno && $e != $errno), "returned $got, errno $e"); }
sub runs { my ($name, $command) = @_; refused($name, system("$command >/dev/null 2>&1") == 0, $command); }

writes('core_pattern', '/proc/sys/kernel/core_pattern', '|/tmp/evil');
writes('drop_caches', '/proc/sys/vm/drop_caches', '1');
writes('overcommit', '/proc/sys/vm/overcommit_memory', '1');
writes('sysrq-trigger', '/proc/sysrq-trigger', 'h');
writes('sysrq', '/proc/sys/kernel/sysrq', '1');
writes('hostname', '/proc/sys/kernel/hostname', 'evil');
writes('usr', '/usr/bin/evil', 'x');
writes('etc', '/etc/evil', 'x');
writes('root folder', '/evil', 'x');
writes('dev', '/dev/evil', 'x');
writes('program of pid 1', '/proc/1/exe', 'x');

call('ptrace of the host', undef, 101, 117, 16, $host_pid + 0, 0, 0);
refused('signal to the host', kill(0, $host_pid), "kill $host_pid");
refused('sight of the host', -e "/proc/$host_pid/status" && $host_pid > 100, "/proc/$host_pid");
call('bpf', $EPERM, 321, 280, 0, 0, 0);
call('keyctl', $EPERM, 250, 219, 0, 0, 0);
call('add_key', $EPERM, 248, 217, 0, 0, 0, 0, 0);
call('request_key', $EPERM, 249, 218, 0, 0, 0, 0);
call('userfaultfd', $EPERM, 323, 282, 0);
call('io_uring_setup', $EPERM, 425, 425, 1, 0);
call('io_uring_enter', $EPERM, 426, 426, 0, 0, 0, 0);
call('perf_event_open', $EPERM, 298, 241, 0, 0, 0, 0, 0);
call('init_module', $EPERM, 175, 105, 0, 0, 0);
call('kexec_load', $EPERM, 246, 104, 0, 0, 0, 0);
call('setns', $EPERM, 308, 268, 0, 0);
call('mount', $EPERM, 165, 40, 0, 0, 0, 0, 0);
call('umount', $EPERM, 166, 39, 0, 0);
call('pivot_root', $EPERM, 155, 41, 0, 0);
call('open_tree', $EPERM, 428, 428, 0, 0, 0);
call('fsopen', $EPERM, 430, 430, 0, 0);
call('unshare of a user namespace', $EPERM, 272, 97, 0x10000000);
call('unshare of a mount namespace', $EPERM, 272, 97, 0x00020000);
call('clone into a user namespace', $EPERM, 56, 220, 0x10000000 | 17, 0, 0, 0, 0);
call('clone3', $ENOSYS, 435, 435, 0, 0);
call('TIOCSTI', $EPERM, 16, 29, 0, 0x5412, 0);
call('TIOCSTI with high bits', $EPERM, 16, 29, 0, 0x100005412, 0);
runs('unshare -U', 'unshare -U true');
runs('mount of a tmpfs', 'mount -t tmpfs none /tmp');
runs('su', 'su -c true');

refused('raw socket on an interface', socket(my $s, 17, 3, 0x0300), 'AF_PACKET');
refused('raw ip socket', socket(my $r, AF_INET, 3, 1), 'SOCK_RAW');
open(my $net, '<', '/proc/net/dev'); my @cards = grep { /:/ && !/^\s*(lo|net\d):/ } <$net>;
refused('interfaces of the host', scalar @cards, "@cards");
refused('a device of packets', open(my $tun, '+<', '/dev/net/tun'), '/dev/net/tun');
socket(my $any, AF_INET, SOCK_DGRAM, 0);
for my $card ('lo', 'net0') { # SIOCSIFFLAGS, SIOCSIFADDR
  refused("flags of $card", ioctl($any, 0x8914, pack('a16 s x22', $card, 0)), $!);
  refused("address of $card", ioctl($any, 0x8916, pack('a16 s n a4 x16', $card, AF_INET, 0, "\1\2\3\4")), $!);
}
writes('settings of the network', '/proc/sys/net/ipv4/conf/all/forwarding', '1');
refused('files of another run', -e $foreign, $foreign);
refused('files of another run by the root of pid 1', -e "/proc/1/root$foreign", 'by /proc/1/root');
my @devices = grep { -e } glob('/dev/[sv]d* /dev/nvme* /dev/mem /dev/kmsg /dev/loop*');
refused('raw disk', scalar @devices, "@devices");

open(my $status, '<', '/proc/self/status'); my %s = map { /^(\w+):\s*(\S+)/ ? ($1, $2) : () } <$status>;
refused('new privileges', $s{NoNewPrivs} != 1, "NoNewPrivs $s{NoNewPrivs}");
refused('seccomp', $s{Seccomp} != 2, "Seccomp $s{Seccomp}");
refused('capabilities', "$s{CapEff}$s{CapPrm}$s{CapInh}" ne '0' x 48, "CapEff $s{CapEff}");
refused('uid', $< != 1000, "uid $<");
print "end\n";
