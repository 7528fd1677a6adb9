#!/bin/sh
# Makes .venv from requirements.lock and the local packages. Called by make, from the top of the checkout:
#   setup.sh venv    the pinned packages (on first use, and when requirements.lock changes)
#   setup.sh local   the packages of this repository, editable (also when a pyproject.toml changes)
# Editable installs and not one .pth file: they cost three seconds, and give each package its metadata and check its pyproject.
set -eu

say() { printf '  %-28s' "$1"; began=$(date +%s); }
done_() { printf 'done in %s s\n' "$(($(date +%s) - began))"; }
fail() { printf '\n%s\n' "$1" >&2; exit 1; }

find_python() {
    for candidate in ${PYTHON:-} python3.13 python3.12 python3.11 python3.14 python3 python; do
        if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            command -v "$candidate"
            return
        fi
    done
    fail "Starquiz needs Python 3.11 or newer, and none was found. Install one, or name it: make setup PYTHON=/path/to/python3"
}

make_venv() {
    if ! .venv/bin/python -c 'import pip' 2>/dev/null; then
        python=$(find_python)
        say "virtual environment"
        rm -rf .venv
        "$python" -m venv .venv || {
            rm -rf .venv
            fail "$python cannot make a virtual environment (Debian and Ubuntu: apt install python3-venv)."
        }
        done_
    fi
    say "pinned packages"
    # --no-compile: byte code is made for what is imported, not for all of it. --no-deps: the lock is complete.
    .venv/bin/python -m pip install -qq --disable-pip-version-check --no-compile --no-deps --require-hashes \
        -r requirements.lock || fail "The pinned packages could not be installed; pip's own words are above."
    done_
}

install_local() {
    say "packages of this repository"
    set --
    for project in libs/*/pyproject.toml services/*/pyproject.toml sandbox/pyproject.toml tools/*/pyproject.toml deploy/*/pyproject.toml; do
        [ -f "$project" ] && set -- "$@" -e "./${project%/pyproject.toml}"
    done
    .venv/bin/python -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation "$@" ||
        fail "A package of this repository could not be installed; pip's own words are above."
    done_
}

case ${1:-} in
    venv) make_venv ;;
    local) install_local ;;
    *) fail "usage: setup.sh venv|local" ;;
esac
