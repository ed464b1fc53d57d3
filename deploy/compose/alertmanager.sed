# Adapts deploy/alertmanager/alertmanager.yml to deploy/compose.yml. E-mail goes to the mail catcher.
s#credentials_file: alerts_token#credentials_file: /run/secrets/alerts_token#
s#http://127\.0\.0\.1:8000/#http://web:8000/#
s#smtp_smarthost: .*#smtp_smarthost: mailpit:1025\n  smtp_require_tls: false#
s#templates: \[templates/#templates: [/etc/alertmanager/templates/#
