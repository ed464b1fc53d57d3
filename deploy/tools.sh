#!/usr/bin/env bash
# Installs the programs of Debian that the tests need besides Python: `make tools`, as root.
set -eu

missing=()
need() { missing+=("$@"); }
command -v chromium > /dev/null || need chromium
[ -x /usr/lib/rabbitmq/bin/rabbitmq-server ] || need rabbitmq-server
command -v promtool > /dev/null || need prometheus
command -v prometheus-alertmanager > /dev/null || need prometheus-alertmanager
[ -x /usr/sbin/nginx ] || need nginx-light
command -v openssl > /dev/null || need openssl
fc-list 2> /dev/null | grep -qi "noto.*cjk" || need fontconfig fonts-noto-cjk
[ "${#missing[@]}" -gt 0 ] || exit 0

echo "Installing ${missing[*]} …"
# Tests start what they need. Debian would start its own of each, unless it is told not to.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
    trap 'rm -f "$policy"' EXIT
    printf '#!/bin/sh\nexit 101\n' > "$policy"
    chmod +x "$policy"
fi
apt-get update
DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends "${missing[@]}"
