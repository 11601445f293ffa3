#!/usr/bin/env bash
# Installs what is missing or of another version than the project needs, and nothing else.
#
#   tools.sh check     the pinned Rust toolchain with its WASM target: enough to format, lint and run Rust tests
#   tools.sh build     the same, cargo-leptos, wasm-bindgen and the npm packages: enough to build a release
#   tools.sh browser   a browser for the end-to-end tests; exits 3 where none can be had. And nginx, for the one test that
#                      needs it, where that can be had
set -euo pipefail
# shellcheck source=scripts/environment.sh
source "$(dirname "$0")/environment.sh"

readonly cargo_leptos_version=0.3.6
readonly wasm_target=wasm32-unknown-unknown
readonly no_browser=3

# need COMMAND HINT
need() {
  command -v "$1" >/dev/null || die "$1 is missing. $2"
}

rust_toolchain() {
  local channel installed
  channel=$(sed -n 's/^channel = "\(.*\)"$/\1/p' rust-toolchain.toml)
  if installed=$(
    rustup target list --installed --toolchain "$channel" 2>/dev/null
    rustup component list --installed --toolchain "$channel" 2>/dev/null
  ) && [[ $installed == *$wasm_target* && $installed == *clippy* && $installed == *rustfmt* ]]; then
    echo "Rust $channel with $wasm_target: there"
    return
  fi
  rustup toolchain install "$channel" --profile minimal --component clippy --component rustfmt \
    --target "$wasm_target" --no-self-update
}

# installed_version COMMAND [ARGUMENT]…: the last word of its first line, empty where there is none.
installed_version() {
  local line=
  if command -v "$1" >/dev/null; then
    line=$("$@" 2>/dev/null | head -n 1) || line=
  fi
  printf '%s\n' "${line##* }"
}

# crate CRATE COMMAND VERSION [FLAG]…
crate() {
  local name=$1 command=$2 version=$3 found root
  shift 3
  found=$(installed_version "$command" --version)
  if [[ $found == "$version" ]]; then
    echo "$name $version: there"
    return
  fi
  # Another version may belong to another project: it stays, and ours goes before it on PATH.
  root=$cargo_home
  if command -v "$command" >/dev/null; then
    root=$tools_dir
  fi
  echo "$name: ${found:-none} found, installing $version into $root"
  # Tools that run for seconds are not worth an optimised build of a quarter of an hour. The folder is kept until all is
  # installed, so that an interrupted build goes on where it stopped.
  env -u RUSTFLAGS -u CARGO_ENCODED_RUSTFLAGS -u CARGO_BUILD_RUSTFLAGS -u CARGO_BUILD_TARGET \
    CARGO_TARGET_DIR="$cache_dir/tools-target" CARGO_INCREMENTAL=0 \
    CARGO_PROFILE_RELEASE_OPT_LEVEL=0 CARGO_PROFILE_RELEASE_LTO=false CARGO_PROFILE_RELEASE_CODEGEN_UNITS=256 \
    cargo install "$name" --version "$version" --root "$root" --force "$@"
  hash -r
  found=$(installed_version "$command" --version)
  [[ $found == "$version" ]] || die "$name $version was installed into $root, but $command on PATH is ${found:-missing}"
}

crates() {
  local wasm_bindgen
  wasm_bindgen=$(awk '/^name = "wasm-bindgen"$/ { getline; gsub(/[^0-9.]/, ""); print; exit }' Cargo.lock)
  [[ -n $wasm_bindgen ]] || die "Cargo.lock does not name wasm-bindgen"
  crate cargo-leptos cargo-leptos "$cargo_leptos_version" --locked
  crate wasm-bindgen-cli wasm-bindgen "$wasm_bindgen"
  rm -rf "$cache_dir/tools-target"
}

npm_packages() {
  local stamp=end2end/node_modules/.installed-from wanted major
  major=$(node -p 'process.versions.node.split(".")[0]')
  ((major >= 20)) || die "Node $(node --version) is too old: 20 or newer is needed. https://nodejs.org"
  wanted=$(cd end2end && cksum package.json package-lock.json .npmrc)
  if [[ -f $stamp && $(<"$stamp") == "$wanted" ]]; then
    echo "npm packages: there"
    return
  fi
  npm ci --prefix end2end
  printf '%s\n' "$wanted" >"$stamp"
}

# debian PACKAGE: fails where this is no Debian, where it may not install, and where apt cannot.
debian() {
  [[ $(id -u) == 0 ]] && grep -qx 'ID=debian' /etc/os-release 2>/dev/null || return
  if ! apt-get update -qq || ! DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$1"; then
    echo "apt-get could not install $1"
    return 1
  fi
}

# Debian's own where this may install it, else Playwright's, wherever that can be downloaded.
install_browser() {
  if debian chromium; then
    return
  fi
  if ! playwright install chromium; then
    echo 'Playwright could not download its Chromium'
  fi
}

browser() {
  if node end2end/browser.js 2>/dev/null; then
    return
  fi
  install_browser
  if ! node end2end/browser.js; then
    echo 'no browser can be started here'
    current_step=
    exit "$no_browser"
  fi
}

# The tests start nginx themselves: Debian shall not, on a port that may be somebody's.
proxy() {
  local policy=/usr/sbin/policy-rc.d
  if command -v nginx >/dev/null; then
    echo 'nginx: there'
    return
  fi
  if [[ $(id -u) == 0 && ! -e $policy ]]; then
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod +x "$policy"
    debian nginx-light || echo 'nginx: not there'
    rm -f "$policy"
  else
    debian nginx-light || echo 'nginx: not there'
  fi
}

case ${1:-} in
  check | build)
    need rustup 'Install Rust with it: https://rustup.rs'
    need cc 'Install a C compiler: on Debian, apt-get install build-essential.'
    step 'tools: Rust' rust_toolchain
    if [[ $1 == build ]]; then
      need npm 'Install Node 20 or newer: https://nodejs.org'
      step 'tools: cargo-leptos and wasm-bindgen' crates
      step 'tools: npm packages' npm_packages
    fi
    ;;
  browser)
    step 'tools: browser' browser
    step 'tools: nginx' proxy
    ;;
  *) die "usage: $0 check | build | browser" ;;
esac
