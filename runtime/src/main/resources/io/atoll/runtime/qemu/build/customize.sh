#!/bin/sh
# customize.sh ROOT: makes of a plain Debian root a cloud image that boots fast. Run by mmdebstrap,
# inside its namespace; ROOT is the root of the new system. Changes nothing outside of it.
set -eu
root=$1

# One network stack: with ifupdown beside networkd, boots wait two minutes for a network.
chroot "$root" dpkg --purge ifupdown >/dev/null 2>&1 || true
mkdir -p "$root/etc/systemd/network" "$root/etc/systemd/system" "$root/etc/cloud/cloud.cfg.d"
cat >"$root/etc/systemd/network/10-cards.network" <<'END'
[Match]
Name=en* eth*

[Network]
DHCP=ipv4
LinkLocalAddressing=no
IPv6AcceptRA=no

[DHCPv4]
ClientIdentifier=mac
END

rm -f "$root"/etc/cloud/cloud.cfg.d/*
# Into a file: on the console, a serial line, it would take longer than what it tells of.
cat >"$root/etc/cloud/cloud.cfg.d/05_logging.cfg" <<'END'
_log:
  - &log_file |
    [loggers]
    keys=root
    [handlers]
    keys=file
    [formatters]
    keys=plain
    [logger_root]
    level=INFO
    handlers=file
    [handler_file]
    class=FileHandler
    level=INFO
    formatter=plain
    args=('/var/log/cloud-init.log', 'a', 'UTF-8')
    [formatter_plain]
    format=%(asctime)s %(filename)s[%(levelname)s]: %(message)s
log_cfgs: [[*log_file]]
output: {all: '>> /var/log/cloud-init-output.log'}
END
cat >"$root/etc/cloud/cloud.cfg" <<'END'
# What cloud-init does here, and no more: each module that is left out saves its part of a boot.
users: [default]
disable_root: true
preserve_hostname: false
network: {config: disabled}
locale: false
apt_preserve_sources_list: true
datasource_list: [NoCloud, None]
resize_rootfs: true
ssh_genkeytypes: [ed25519]
cloud_init_modules: [bootcmd, write-files, resizefs, set_hostname, update_etc_hosts, users-groups, ssh]
cloud_config_modules: [set-passwords, timezone, package-update-upgrade-install, runcmd]
cloud_final_modules: [scripts-vendor, scripts-per-once, scripts-per-boot, scripts-per-instance, scripts-user, power-state-change]
system_info:
  distro: debian
  paths: {cloud_dir: /var/lib/cloud/, templates_dir: /etc/cloud/templates/}
  ssh_svcname: ssh
  default_user:
    name: debian
    gecos: Debian
    lock_passwd: true
    groups: [adm, sudo]
    sudo: ["ALL=(ALL) NOPASSWD:ALL"]
    shell: /bin/bash
END

# Nothing of this machine's may wait, tidy up or look for updates while a short-lived guest boots.
for unit in systemd-networkd-wait-online.service apt-daily.timer apt-daily-upgrade.timer \
  dpkg-db-backup.timer e2scrub_all.timer e2scrub_reap.service fstrim.timer getty@tty1.service \
  systemd-pstore.service systemd-network-generator.service systemd-journal-flush.service \
  systemd-update-utmp.service systemd-update-utmp-runlevel.service systemd-rfkill.service \
  ldconfig.service systemd-binfmt.service systemd-hwdb-update.service systemd-fsck-root.service \
  cloud-init-hotplugd.socket; do
  ln -sf /dev/null "$root/etc/systemd/system/$unit"
done
chroot "$root" systemctl enable systemd-networkd ssh serial-getty@ttyS0.service >/dev/null 2>&1

printf '/dev/vda / ext4 defaults,noatime 0 1\n' >"$root/etc/fstab"
printf 'LANG=C.UTF-8\n' >"$root/etc/default/locale"

# What every machine must have for itself is made at its first boot.
rm -f "$root"/etc/ssh/ssh_host_* "$root/etc/hostname" "$root/var/lib/systemd/random-seed"
rm -f "$root/var/lib/dbus/machine-id"
: >"$root/etc/machine-id"

# The kernel and its initramfs lie beside the disk; what only the package manager needs, it fetches.
rm -rf "$root"/var/cache/apt/* "$root"/var/lib/apt/lists/* "$root"/var/log/*.log "$root"/var/log/apt
rm -f "$root"/boot/initrd.img* "$root"/initrd.img* "$root"/vmlinuz*
find "$root/usr" -name '__pycache__' -prune -o -name '*.dpkg-old' -exec rm -f {} +
ln -sf ../run/systemd/resolve/stub-resolv.conf "$root/etc/resolv.conf"
