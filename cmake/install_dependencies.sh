#!/bin/sh
# Installs what a build and its tests need on Debian 12: packages by apt-get, the pinned Python packages
# into .venv. Does nothing that has been done before.
set -eu
cd "$(dirname "$0")/.."

packages="g++ cmake ninja-build ccache lld pkg-config python3-venv
  libcli11-dev libfmt-dev libprotozero-dev libsimdjson-dev libssl-dev zlib1g-dev libre2-dev clang-format-14 clang-tidy-14 make git
  libgtest-dev libgmock-dev libbenchmark-dev"

missing=""
for package in $packages; do
  dpkg-query -W -f '${db:Status-Status}\n' "$package" 2>/dev/null | grep -qx installed || missing="$missing $package"
done
if [ -n "$missing" ]; then
  echo "Installing:$missing" >&2
  if [ "$(id -u)" = 0 ]; then sudo=""; else sudo="sudo"; fi
  $sudo apt-get update -qq
  # shellcheck disable=SC2086
  DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq --no-install-recommends $missing >/dev/null
fi

if ! cmp -s requirements.txt .venv/requirements.installed; then
  echo "Installing the Python packages of requirements.txt into .venv" >&2
  /usr/bin/python3 -m venv .venv
  .venv/bin/pip install -q --disable-pip-version-check -r requirements.txt
  cp requirements.txt .venv/requirements.installed
fi
