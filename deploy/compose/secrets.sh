#!/usr/bin/env bash
# Creates the secrets of deploy/compose.yml in deploy/secrets: random texts, and a self-signed
# certificate for the site's name. Existing files are kept.
#   deploy/compose/secrets.sh board.example.com
set -euo pipefail
name=${1:?the name of the site, such as board.example.com}
directory=${2:-$(dirname "$0")/../secrets}
mkdir -p "$directory"
chmod 700 "$directory" # the files stay readable: each container has another user
cd "$directory"
umask 022

random() { openssl rand -hex 32; }
sha256() { tr -d '\n' < "$1" | openssl dgst -sha256 -r | cut -d ' ' -f 1; }
keep() { # write standard input to a file of this name, unless it exists
    if [ -e "$1" ]; then cat > /dev/null; else cat > "$1.new" && mv "$1.new" "$1"; fi
}

for secret in secret_key postgres_password owner_password site_password monitor_password valkey_password \
    valkey_monitor_password metrics_token alerts_token flower_password grafana_password; do
    random | keep "$secret"
done
echo "postgresql://recruit_site:$(cat site_password)@postgres:5432/recruit" | keep database_url
echo "postgresql://recruit_owner:$(cat owner_password)@postgres:5432/recruit" | keep database_owner_url
echo "redis://recruit:$(cat valkey_password)@valkey:6379/0" | keep redis_url
# The users of Valkey: the site with its keys, and no command that administers the server; and
# redis_exporter with figures only.
keep valkey_users << ACL
user default off
user recruit on #$(sha256 valkey_password) ~recruit:* &* +@all -@admin -@dangerous +info
user monitor on #$(sha256 valkey_monitor_password) -@all +ping +info +client|setname +latency|latest +latency|histogram +slowlog|len +slowlog|get
ACL
echo "{\"redis://monitor@valkey:6379\": \"$(cat valkey_monitor_password)\"}" | keep redis_exporter
echo '{}' | keep dingtalk_robots
if [ ! -e tls_certificate ]; then
    openssl req -x509 -newkey rsa:2048 -nodes -days 365 -subj "/CN=$name" \
        -addext "subjectAltName=DNS:$name" -keyout tls_key -out tls_certificate 2> /dev/null
    chmod 644 tls_key
fi
