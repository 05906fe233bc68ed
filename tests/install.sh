#!/usr/bin/env bash
# Installs what the tests need on a Debian-like machine, only what is missing: packages by apt, Python packages into
# a venv, Asterisk into a root of its own. The last two lie in ${XDG_CACHE_HOME:-~/.cache}/gudok-tests.
#   usage: install.sh [--build-only]
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/gudok-tests
mkdir -p "$cache"

root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }
[ "$(id -u)" = 0 ] || command -v sudo >/dev/null || { echo "Installing needs root or sudo." >&2; exit 1; }
command -v apt-get >/dev/null || { echo "The tests run on Debian and its relatives; there is no apt-get here." >&2; exit 1; }

packages=(gcc g++ make pkg-config cmake libasound2-dev ca-certificates python3
  mesa-vulkan-drivers libgl1 libegl1 libxkbcommon-x11-0 libx11-6 libx11-xcb1 libxcursor1 libxi6 libxrandr2)
[ "${1:-}" = --build-only ] || packages+=(python3-dev python3-venv openssl util-linux debootstrap debian-archive-keyring
  kamailio kamailio-tls-modules kamailio-extra-modules kamailio-outbound-modules kamailio-presence-modules
  kamailio-utils-modules baresip-core sip-tester espeak-ng opus-tools pulseaudio pulseaudio-utils libasound2-plugins
  xvfb openbox xdotool wmctrl imagemagick x11-utils dbus dbus-x11 at-spi2-core python3-pyatspi gir1.2-atspi-2.0)

missing=()
for package in "${packages[@]}"; do
  dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed || missing+=("$package")
done
if [ ${#missing[@]} -gt 0 ]; then
  echo "Installing ${missing[*]}"
  # The servers among them are only started by the tests, each on ports of its own.
  policy=/usr/sbin/policy-rc.d
  if [ ! -e $policy ]; then
    printf '#!/bin/sh\nexit 101\n' | root tee $policy >/dev/null
    root chmod +x $policy
    trap 'root rm -f /usr/sbin/policy-rc.d' EXIT
  fi
  root apt-get update -q
  root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${missing[@]}"
fi
[ "${1:-}" != --build-only ] || exit 0

if ! cmp -s "$here/requirements.txt" "$cache/venv/requirements.txt"; then
  python3 -m venv --clear "$cache/venv"
  "$cache/venv/bin/pip" install -q -r "$here/requirements.txt"
  cp "$here/requirements.txt" "$cache/venv/requirements.txt"
fi

root bash "$here/peers/asterisk/install.sh" "$cache/asterisk"
