#!/bin/sh
# An installed tree works from any folder, and wherever it is moved.
. tests/tap.sh
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT

mkdir -p "$tmp/usr/bin" "$tmp/usr/share/triarch/datasets"
cp "${BUILD_DIR:-build/release}/triarch" "$tmp/usr/bin/"
cp suites.yaml "$tmp/usr/share/triarch/"
cp datasets/catalog.yaml "$tmp/usr/share/triarch/datasets/"
from_root() { (cd / && "$tmp/usr/bin/triarch" "$@"); }
names() { from_root list "$1" | grep -q "$2"; }

ok "install: finds its suites from another folder" names suites quick
ok "install: finds its catalogue there" names datasets letter
mv "$tmp/usr" "$tmp/moved"
mkdir "$tmp/usr" && mv "$tmp/moved" "$tmp/usr/local"
from_root() { (cd / && "$tmp/usr/local/bin/triarch" "$@"); }
ok "install: and after the tree was moved" names suites quick
tap_done
