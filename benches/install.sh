#!/usr/bin/env bash
# Installs what side_by_side.py needs beside tests/install.sh: Linphone, and voices.
set -euo pipefail
root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }
root apt-get update -q
root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends \
  linphone-cli iproute2 util-linux ffmpeg asterisk-core-sounds-en-g722 asterisk-core-sounds-ru-g722 flite festival festvox-ru
