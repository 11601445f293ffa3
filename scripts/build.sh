#!/usr/bin/env bash
# Builds the release: one binary with the pages' files inside, left at target/release/tidings.
set -euo pipefail
# shellcheck source=scripts/environment.sh
source "$(dirname "$0")/environment.sh"

readonly binary=target/release/tidings

# --precompress also makes cargo-leptos build the browser's files before the server, which embeds them. --split takes out of
# the module what is loaded later.
release() {
  rm -rf target/site/pkg
  cargo-leptos leptos build --release --precompress --split --lib-features split
  local built
  built=$(target_dir)/release/tidings
  if [[ $built != "$project_dir/$binary" ]]; then
    mkdir -p "$(dirname "$binary")"
    # By way of another name, so that a server that runs from it is not in the way.
    cp "$built" "$binary.new"
    mv "$binary.new" "$binary"
  fi
  [[ -x $binary ]] || die "the build left no $binary"
}

# What a first visit waits for: the goal is 400 KB. What comes later is loaded when the page has come to life.
first_load() {
  local file size total=0
  for file in target/site/pkg/{tidings.wasm,tidings.js,__wasm_split.*.js,tidings.css}; do
    [[ -s $file.br ]] || die "$file.br is missing: the browser's files were not compressed"
    size=$(wc -c <"$file.br")
    total=$((total + size))
    printf '%9d bytes as brotli  %s\n' "$size" "${file##*/}"
  done
  printf '%9d bytes as brotli  first load\n' "$total"
  printf '%9d bytes as brotli  later\n' "$(wc -c <target/site/pkg/split_later.wasm.br)"
  printf '%9d bytes            %s\n' "$(wc -c <"$binary")" "$binary"
}

[[ ${TOOLS_ARE_THERE:-} == yes ]] || scripts/tools.sh build
step 'release build' release
step 'sizes' first_load
