# Adapts deploy/prometheus/prometheus.yml to deploy/compose.yml: addresses are service names.
s#credentials_file: metrics_token#credentials_file: /run/secrets/metrics_token#
s#rule_files: \[rules/#rule_files: [/etc/prometheus/rules/#
s#file_sd_configs: \[{files: \[targets/alertmanager.yml\]}\]#static_configs: [{targets: ["alertmanager:9093"]}]#
s#file_sd_configs: \[{files: \[targets/prometheus.yml\]}\]#static_configs: [{targets: ["localhost:9090"]}]#
s#file_sd_configs: \[{files: \[targets/site.yml\]}\]#static_configs: [{targets: ["web:8000"]}]#
s#file_sd_configs: \[{files: \[targets/web.yml\]}\]#dns_sd_configs: [{names: [web], type: A, port: 8000}]#
s#file_sd_configs: \[{files: \[targets/relay.yml\]}\]#dns_sd_configs: [{names: [relay], type: A, port: 9101}]#
s#file_sd_configs: \[{files: \[targets/worker.yml\]}\]#dns_sd_configs: [{names: [worker, worker-bulk], type: A, port: 9101}]#
s#file_sd_configs: \[{files: \[targets/beat.yml\]}\]#dns_sd_configs: [{names: [beat], type: A, port: 9101}]#
s#file_sd_configs: \[{files: \[targets/postgres.yml\]}\]#static_configs: [{targets: ["postgres-exporter:9187"]}]#
s#file_sd_configs: \[{files: \[targets/redis.yml\]}\]#static_configs: [{targets: ["redis-exporter:9121"]}]#
s#file_sd_configs: \[{files: \[targets/node.yml\]}\]#static_configs: [{targets: ["node-exporter:9100"]}]#
s#file_sd_configs: \[{files: \[targets/blackbox.yml\]}\]#static_configs: [{targets: ["SITE_URL/readyz"]}]#
s#127.0.0.1:9115#blackbox-exporter:9115#
s#http://127.0.0.1:3000#GRAFANA_URL#
