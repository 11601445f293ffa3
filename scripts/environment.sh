# shellcheck shell=bash
# What every script shares: where things are, and how its steps are announced. Sourced, never run.

cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit
project_dir=$PWD
cache_dir=${XDG_CACHE_HOME:-$HOME/.cache}/tidings

# CI builds a fresh clone each time: what it has compiled must outlive the clone.
if [[ ${CI:-} == true ]]; then
  export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$cache_dir/target}
  # Incremental files serve the next edit of the same clone, which never comes there.
  export CARGO_INCREMENTAL=${CARGO_INCREMENTAL:-0}
  export CARGO_TERM_COLOR=${CARGO_TERM_COLOR:-never}
  export CARGO_TERM_PROGRESS_WHEN=${CARGO_TERM_PROGRESS_WHEN:-never}
else
  export CARGO_TERM_COLOR=${CARGO_TERM_COLOR:-auto}
fi
# cargo and the programs that it starts take a relative folder from where they run, which is not always here.
if [[ -n ${CARGO_TARGET_DIR:-} && $CARGO_TARGET_DIR != /* ]]; then
  export CARGO_TARGET_DIR=$project_dir/$CARGO_TARGET_DIR
fi

# rust-toolchain.toml says which toolchain it is.
unset RUSTUP_TOOLCHAIN
# make's job server is no business of cargo's here.
unset MAKEFLAGS MFLAGS MAKELEVEL

# cargo-leptos takes the first wasm-opt and the first wasm-bindgen that it finds.
tools_dir=$cache_dir/tools
cargo_home=${CARGO_HOME:-$HOME/.cargo}
# Debian keeps nginx where only root looks.
export PATH="$project_dir/end2end/node_modules/.bin:$tools_dir/bin:$cargo_home/bin:$PATH:/usr/sbin"

# Where cargo puts what it compiles.
target_dir() {
  printf '%s\n' "${CARGO_TARGET_DIR:-$project_dir/target}"
}

# Steps. Called bare, never in a condition, so that `set -e` holds inside of the step.
current_step=
step_started=0
closing_lines=()

# step NAME COMMAND [ARGUMENT]…: runs the command and says how long it took.
step() {
  current_step=$1
  step_started=$SECONDS
  shift
  printf '\n==> %s\n' "$current_step"
  "$@"
  printf '==> %s: done in %s\n' "$current_step" "$(duration $((SECONDS - step_started)))"
  current_step=
}

# duration SECONDS: for people.
duration() {
  if (($1 < 60)); then
    printf '%d s' "$1"
  else
    printf '%d min %02d s' $(($1 / 60)) $(($1 % 60))
  fi
}

# at_the_end LINE: printed after everything else, however it ends.
at_the_end() {
  closing_lines+=("$1")
}

finish() {
  local status=$?
  trap - EXIT
  if ((status != 0)) && [[ -n $current_step ]]; then
    printf '\n==> %s: FAILED after %s\n' "$current_step" "$(duration $((SECONDS - step_started)))" >&2
  fi
  if ((${#closing_lines[@]} > 0)); then
    printf '%s\n' "${closing_lines[@]}"
  fi
  exit "$status"
}
trap finish EXIT

die() {
  printf 'error: %s\n' "$1" >&2
  exit 1
}
