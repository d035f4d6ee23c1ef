#!/bin/sh
# Installs what building for 64-bit Arm on another machine needs: Debian's cross compiler, qemu and the libraries of that
# processor; in build/arm64 its pyarrow wheel, and simdjson, of which Debian installs one processor's only. Does nothing
# that has been done before.
set -eu
cd "$(dirname "$0")/.."

packages="g++-aarch64-linux-gnu qemu-user-static libfmt-dev:arm64 libsimdjson14:arm64 libssl-dev:arm64
  zlib1g-dev:arm64 libre2-dev:arm64 libgtest-dev:arm64 libgmock-dev:arm64"

missing=""
for package in $packages; do
  dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed || missing="$missing $package"
done
if [ -n "$missing" ]; then
  echo "Installing:$missing" >&2
  if [ "$(id -u)" = 0 ]; then sudo=""; else sudo="sudo"; fi
  $sudo dpkg --add-architecture arm64
  $sudo apt-get update -qq
  # shellcheck disable=SC2086
  DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq --no-install-recommends $missing >/dev/null
fi

if [ ! -f build/arm64/simdjson/installed ]; then
  echo "Unpacking libsimdjson-dev for 64-bit Arm into build/arm64/simdjson" >&2
  mkdir -p build/arm64/simdjson
  (cd build/arm64/simdjson
    apt-get download -qq -o APT::Sandbox::User=root libsimdjson-dev:arm64
    dpkg -x ./*.deb .
    rm ./*.deb
    # Its files name the library beside them, which libsimdjson14 has installed.
    ln -sf /usr/lib/aarch64-linux-gnu/libsimdjson.so.14* usr/lib/aarch64-linux-gnu/)
  touch build/arm64/simdjson/installed
fi

pyarrow=$(grep '^pyarrow' requirements.txt)
wheel=build/arm64/wheel
if [ "$(cat "$wheel/installed" 2>/dev/null)" != "$pyarrow" ]; then
  echo "Unpacking $pyarrow for 64-bit Arm into $wheel" >&2
  rm -rf "$wheel"
  mkdir -p "$wheel"
  .venv/bin/pip download -q --disable-pip-version-check --no-deps --only-binary=:all: --python-version 3.11 \
    --platform manylinux2014_aarch64 --platform manylinux_2_28_aarch64 -d "$wheel" "$pyarrow"
  .venv/bin/python -m zipfile -e "$wheel"/*.whl "$wheel"
  rm "$wheel"/*.whl
  echo "$pyarrow" >"$wheel/installed"
fi
