#!/usr/bin/env bash
# Runs a command in the Asterisk root, with /proc and /dev mounted for that command only: the mounts live in a
# mount namespace of their own and end with it, so that nothing is left to unmount.
#   usage: enter.sh ROOT COMMAND...      as root
set -euo pipefail
root=$1; shift
exec unshare --mount --propagation private bash -c '
  root=$1; shift
  mount --bind /proc "$root/proc"; mount --rbind /dev "$root/dev"
  exec chroot "$root" "$@"' enter "$root" "$@"
