#!/usr/bin/env bash
# Installs what building and running Gudok needs and is missing, builds the release and starts it.
#   bash packaging/run.sh [--yes] [ARGUMENTS OF GUDOK...]      e.g. bash packaging/run.sh demo
# Asks before it uses root; --yes, as the first word, is the answer for scripts. Run by root it just says what it does.
# Debian, Ubuntu, Fedora, Arch and macOS; needs Rust.
set -euo pipefail
cd "$(dirname "$0")/.."
yes=no
[ "${1:-}" != --yes ] || { yes=yes; shift; }

say() { printf '%s\n' "$@" >&2; }
die() { say "$@"; exit 1; }

# --- Rust
export PATH="$HOME/.cargo/bin:$PATH"
needed=$(sed -n 's/^rust-version *= *"\(.*\)"/\1/p' Cargo.toml)
get="Get it from https://rustup.rs:  curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh"
command -v cargo >/dev/null && command -v rustc >/dev/null || die "Gudok is built with Rust $needed or newer, and there is none here." "$get"
have=$(rustc --version | cut -d' ' -f2)
if [ "$(printf '%s\n%s\n' "$needed" "${have%%-*}" | sort -t. -k1,1n -k2,2n -k3,3n | head -1)" != "$needed" ]; then
  if command -v rustup >/dev/null; then get="Update it:  rustup update stable"; fi
  die "Gudok is built with Rust $needed or newer; here is $have." "$get"
fi

# --- What the system has to give. The window's libraries are loaded at run time, so that building never misses them.
window=yes
for word in "$@"; do case $word in --headless | call | answer | account | ctl | devices | --help | --version) window=no ;; esac; done
missing=()
want() { # want PROBE PACKAGE...: notes the packages that PROBE does not find
  local probe=$1 package; shift
  for package in "$@"; do $probe "$package" >/dev/null 2>&1 || missing+=("$package"); done
}
dpkg_has() { dpkg-query -W -f='${db:Status-Status}' "$1" | grep -qx installed; }
system=unknown
if [ "$(uname -s)" = Darwin ]; then system=macos; elif [ -r /etc/os-release ]; then
  . /etc/os-release
  for name in ${ID:-} ${ID_LIKE:-}; do
    case $name in debian | ubuntu | fedora | arch) system=$name; break ;; rhel | centos) system=fedora; break ;; esac
  done
fi
refresh=()
case $system in
  debian | ubuntu)
    want dpkg_has gcc g++ make cmake pkg-config libasound2-dev ca-certificates
    [ $window = no ] || want dpkg_has libgl1 libegl1 libxkbcommon-x11-0 libx11-6 libx11-xcb1 libxcursor1 libxi6 libxrandr2
    refresh=(apt-get update -q) install=(env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends) ;;
  fedora)
    want "rpm -q --whatprovides" gcc gcc-c++ make cmake pkgconf-pkg-config alsa-lib-devel
    [ $window = no ] || want "rpm -q --whatprovides" mesa-libGL mesa-libEGL libxkbcommon-x11 libX11 libX11-xcb libXcursor libXi libXrandr
    install=(dnf install -y) ;;
  arch)
    want "pacman -T" gcc make cmake pkgconf alsa-lib
    [ $window = no ] || want "pacman -T" libgl libxkbcommon-x11 libx11 libxcursor libxi libxrandr
    install=(pacman -S --needed --noconfirm) ;;
  macos)
    xcrun --find cc >/dev/null 2>&1 || die "The command line tools of Xcode are missing:  xcode-select --install"
    command -v cmake >/dev/null || missing+=(cmake)
    [ ${#missing[@]} = 0 ] || command -v brew >/dev/null || die "cmake is missing: get it from https://cmake.org or, with https://brew.sh, by  brew install cmake"
    install=(brew install) ;;
  *)
    for tool in cc c++ make cmake pkg-config; do command -v $tool >/dev/null || missing+=("$tool"); done
    pkg-config --exists alsa 2>/dev/null || missing+=("the ALSA development files")
    [ ${#missing[@]} = 0 ] || die "This system is not known here. Please install: $(printf '%s, ' "${missing[@]}" | sed 's/, $//')" ;;
esac

if [ ${#missing[@]} -gt 0 ]; then
  command="${install[*]} ${missing[*]}"
  asroot=()
  if [ $system = macos ]; then
    say "Missing: ${missing[*]}"
  elif [ "$(id -u)" = 0 ]; then
    say "Installing as root, since you are root: ${missing[*]}"
    yes=yes
  else
    command -v sudo >/dev/null && asroot=(sudo) || { command -v doas >/dev/null && asroot=(doas); } ||
      die "Missing: ${missing[*]}" "There is neither sudo nor doas; as root, run:" "  $command"
    say "Missing: ${missing[*]}"
  fi
  if [ $yes = no ]; then
    [ -t 0 ] || die "To install it, run:" "  ${asroot[*]:-} $command" "or give --yes as the first word."
    printf 'Install it now with  %s %s ? [Y/n] ' "${asroot[*]:-}" "$command" >&2
    read -r answer
    case $answer in "" | [YyДд]*) ;; *) die "Nothing installed, nothing built." ;; esac
  fi
  [ ${#refresh[@]} = 0 ] || ${asroot[@]+"${asroot[@]}"} "${refresh[@]}" >&2
  ${asroot[@]+"${asroot[@]}"} "${install[@]}" "${missing[@]}" >&2
fi

exec cargo run --release --locked --bin gudok -- "$@"
