#!/usr/bin/env bash
# Installs what the tests need (Debian and its relatives, as root or with sudo) and runs them all.
#   tests/run.sh                    everything
#   tests/run.sh --fast             without the peers: format, clippy, unit tests, documentation, layers
#   tests/run.sh --only ARGUMENTS   only the tests with peers, with pytest's own arguments:
#                                   tests/run.sh --only tests/test_sipp.py -k cancel
set -euo pipefail
cd "$(dirname "$0")/.."
mode=${1:-all}
case $mode in
  all | --fast) ;;
  --only) shift ;;
  *) sed -n '2,6s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
esac
export PATH="$HOME/.cargo/bin:$PATH" CARGO_TERM_COLOR=${CARGO_TERM_COLOR:-never}
command -v cargo >/dev/null || { echo "There is no cargo. Get Rust from https://rustup.rs" >&2; exit 1; }

step() {
  local began=$SECONDS
  printf '\n== %s\n' "$1"; shift
  "$@" </dev/null || { printf '\nFAILED: %s\n' "$*" >&2; exit 1; }
  printf -- '-- %s s\n' $((SECONDS - began))
}
tools() {
  command -v rustup >/dev/null || return 0
  cargo fmt --version >/dev/null 2>&1 && cargo clippy --version >/dev/null 2>&1 || rustup component add rustfmt clippy
}
telegram_server() { # what Cargo is to do, with its arguments; its outcome lies beside that of Gudok itself
  local what=$1; shift
  cargo "$what" --locked --manifest-path tests/telegram/Cargo.toml --target-dir "${CARGO_TARGET_DIR:-target}" "$@"
}
peers() { "${XDG_CACHE_HOME:-$HOME/.cache}/gudok-tests/venv/bin/python" -m pytest -c tests/pytest.ini "$@"; }

if [ "$mode" = --fast ]; then
  step "What building needs" bash tests/install.sh --build-only
else
  step "What the tests need" bash tests/install.sh
fi
if [ "$mode" != --only ]; then
  step "Rust's own tools" tools
  step "Format" cargo fmt --check
  step "Format of the Telegram server" cargo fmt --check --manifest-path tests/telegram/Cargo.toml
  step "Layers" python3 tests/check_layers.py
  step "Lints" cargo clippy --locked --all-targets -- -D warnings
  step "Lints of the Telegram server" telegram_server clippy -- -D warnings
  step "Unit tests" cargo test --locked
  step "Documentation" env RUSTDOCFLAGS="-D warnings -D missing_docs" cargo doc --locked --no-deps
fi
if [ "$mode" != --fast ]; then
  step "Release build" cargo build --locked --release
  step "Telegram server for tests" telegram_server build --release
  if [ $# -gt 0 ] && [ "$mode" = --only ]; then
    step "Tests with peers" peers "$@"
  else
    # Two at a time: they mostly wait.
    step "Tests with peers" peers -n 2 --dist loadfile tests
  fi
fi
printf '\nAll passed in %s s.\n' "$SECONDS"
