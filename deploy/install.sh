#!/bin/sh
# install.sh PYTHON REQUIREMENTS: makes .venv and installs a locked list into it (`make run`).
#
# The lists are complete and hold hashes, so nothing is resolved. uv takes about 5 s where pip takes
# over a minute; without a uv of the machine's own, pip installs the locked one first.
set -eu

python=$1
requirements=$2

if [ ! -x .venv/bin/python ]; then
    "$python" -c "import sys; sys.exit(sys.version_info < (3, 11))" || {
        echo "Python 3.11 or newer is required. Name it like this: make PYTHON=python3.12" >&2
        exit 1
    }
    echo "Creating .venv …"
    "$python" -m venv .venv || {
        rm -rf .venv
        echo "Python's venv module is required: apt-get install python3-venv" >&2
        exit 1
    }
fi

echo "Installing $requirements …"
# uv trusts only its own list of certificates unless told to use the system's, as pip does.
export UV_NATIVE_TLS=true UV_SYSTEM_CERTS=true
pip=".venv/bin/python -m pip install --disable-pip-version-check --no-deps --require-hashes"
uv=.venv/bin/uv
if command -v uv > /dev/null; then
    uv=uv
elif ! $pip --quiet --requirement requirements/installer.txt; then
    uv= # there is none for this platform
fi
if [ -n "$uv" ] && "$uv" pip install --quiet --python .venv/bin/python --no-deps \
    --require-hashes --requirement "$requirements"; then
    exit
fi
# The same packages, only slower. pip also finds an index that only its own configuration names.
echo "Installing them with pip, which takes a minute or two …"
exec $pip --quiet --no-compile --requirement "$requirements"
