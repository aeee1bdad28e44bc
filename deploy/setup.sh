#!/usr/bin/env bash
# Makes .venv from the locked dependencies. With --test-system: installs what only the tests need.
# As root it installs Debian packages that are missing; otherwise it says exactly which ones.
set -euo pipefail
cd "$(dirname "$0")/.."

say() { printf 'setup: %s\n' "$1" >&2; }

need_debian() {  # need_debian PACKAGE WHY
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    say "installing Debian package $1 ($2)"
    export DEBIAN_FRONTEND=noninteractive
    apt-get install -y -qq --no-install-recommends "$1" >/dev/null 2>&1 ||
      { apt-get update -qq >/dev/null && apt-get install -y -qq --no-install-recommends "$1" >/dev/null; }
  else
    say "missing: $2. Install it with: sudo apt-get install $1"
    exit 3
  fi
}

find_python() {
  for name in python3.11 python3.12 python3.13 python3.14 python3; do
    if command -v "$name" >/dev/null && "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      command -v "$name"
      return
    fi
  done
  say "missing: Python 3.11 or newer (on Debian 12 or newer: apt-get install python3 python3-venv)"
  exit 3
}

test_system() {
  compgen -G '/usr/lib/postgresql/*/bin/postgres' >/dev/null ||
    need_debian postgresql "Debian's PostgreSQL, on which the storage conformance suite also runs"
}

if [ "${1:-}" = --test-system ]; then
  test_system
  exit 0
fi

python=$(find_python)
"$python" -c 'import ensurepip, venv' 2>/dev/null || need_debian python3-venv "Python's venv module"
if [ ! -x .venv/bin/python ] || ! .venv/bin/python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
  rm -rf .venv
  "$python" -m venv .venv
fi
say "installing the locked dependencies into .venv"
export PIP_DISABLE_PIP_VERSION_CHECK=1
.venv/bin/pip install --quiet --require-hashes --requirement requirements/dev.txt
.venv/bin/pip install --quiet --no-deps --no-build-isolation --editable .
say "ready"
