#!/bin/sh
# Unpacks Debian's package of Prometheus into a folder, so that <folder>/usr/bin/promtool is there. No root rights.
set -eu
target=$1
[ -x "$target/usr/bin/promtool" ] && exit 0
command -v apt-get >/dev/null || { echo "promtool comes with Debian's package prometheus; here install it by hand." >&2; exit 1; }
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
# A machine that has just been set up has no list of packages yet.
apt-get download -qq prometheus 2>/dev/null || { apt-get update -qq && apt-get download -qq prometheus; }
mkdir -p "$place/unpacked"
dpkg-deb -x ./*.deb "$place/unpacked"
cd - >/dev/null
mkdir -p "$target"
cp -R "$place/unpacked/usr" "$target/"
