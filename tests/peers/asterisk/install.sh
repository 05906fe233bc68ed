#!/usr/bin/env bash
# Puts a real Asterisk 22 (chan_pjsip, Opus) into a folder of its own, since Debian stable has none: debootstrap
# of Debian's unstable suite, then apt inside it. Some minutes the first time, nothing the second.
#   usage: install.sh ROOT      as root
set -euo pipefail
root=$1; here=$(cd "$(dirname "$0")" && pwd)
[ -e "$root/.complete" ] && exit 0
mirror=$(sed -n 's/^URIs: *\([^ ]*debian\)\/* *$/\1/p' /etc/apt/sources.list.d/debian.sources 2>/dev/null | head -1)
[ -n "$mirror" ] || mirror=http://deb.debian.org/debian
if [ ! -e "$root/.unpacked" ]; then
  rm -rf --one-file-system "$root"
  mkdir -p "$root"
  debootstrap --variant=minbase --include=ca-certificates sid "$root" "$mirror"
  printf '#!/bin/sh\nexit 101\n' > "$root/usr/sbin/policy-rc.d"; chmod +x "$root/usr/sbin/policy-rc.d"
  echo 'Acquire::Check-Valid-Until "false";' > "$root/etc/apt/apt.conf.d/99valid"
  touch "$root/.unpacked"
fi
bash "$here/enter.sh" "$root" sh -c '
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -q && apt-get install -y -q --no-install-recommends asterisk asterisk-modules asterisk-core-sounds-en-gsm'
touch "$root/.complete"
