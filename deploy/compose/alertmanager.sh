#!/bin/sh
# Writes the configuration of Alertmanager for deploy/compose.yml, with the values of deploy/.env:
#   alertmanager.sh /etc/alertmanager /tmp
# Without EMAIL_HOST, mails go to the mail catcher. Without ALERT_EMAILS, there are none.
set -eu
source=$1 target=$2

quoted() { # the text between single quotes of YAML, in a replacement of sed
    printf '%s' "$1" | sed "s/[\\\\&#]/\\\\&/g; s/'/''/g"
}

server=mailpit:1025 encrypted=false login=
if [ -n "${EMAIL_HOST:-}" ]; then
    server=$EMAIL_HOST:${EMAIL_PORT:-587}
    if [ "${EMAIL_SECURITY:-starttls}" = starttls ]; then encrypted=true; fi # port 465 is always TLS
    if [ -n "${EMAIL_USER:-}" ]; then
        (umask 077 && printf '%s' "${EMAIL_PASSWORD:-}" > "$target/email_password")
        login="\\n  smtp_auth_username: '$(quoted "$EMAIL_USER")'\\n  smtp_auth_password_file: $target/email_password"
    fi
fi
case ${ALERT_LANGUAGE:-} in en*) language=en ;; *) language=zh-hans ;; esac
mails='/^ *email_configs:/,/^ *html:/d'
if [ -n "${ALERT_EMAILS:-}" ]; then mails="s#operations@example.com#'$(quoted "$ALERT_EMAILS")'#"; fi
watchdog=
if [ -n "${WATCHDOG_URL:-}" ]; then
    watchdog="\\n    webhook_configs: [{url: '$(quoted "$WATCHDOG_URL")', send_resolved: false}]"
fi

mkdir -p "$target/templates"
sed -e "s#credentials_file: alerts_token#credentials_file: /run/secrets/alerts_token#" \
    -e "s#http://127\.0\.0\.1:8000/#http://web:8000/#" \
    -e "s#smtp_smarthost: .*#smtp_smarthost: '$(quoted "$server")'\\n  smtp_require_tls: $encrypted$login#" \
    -e "s#smtp_from: .*#smtp_from: '$(quoted "${EMAIL_FROM:-recruit@example.com}")'#" \
    -e "$mails" \
    -e "s#recruit\.en\.#recruit.$language.#" \
    -e "s#^  - name: watchdog#&$watchdog#" \
    "$source/alertmanager.yml" > "$target/alertmanager.yml"
sed -e "s#https://recruit\.example\.com#$(quoted "$SITE_URL")#" \
    "$source/templates/mail.tmpl" > "$target/templates/mail.tmpl"
