"""Writes what a cluster's monitoring needs to monitoring/: `python -m deploy.kubernetes.build`.

Rules, alert routing, dashboards and the probe's configuration have one source each, which compose
and a Prometheus of one's own read too: deploy/prometheus, deploy/alertmanager and deploy/grafana.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import yaml

DEPLOY = Path(__file__).resolve().parent.parent
MONITORING = Path(__file__).resolve().parent / "monitoring"
NAMESPACE = "recruit-live"  # and the name of the secret in it
SITE, SITE_IN_CLUSTER = "http://127.0.0.1:8000/", f"http://web.{NAMESPACE}.svc:8000/"
Object = dict[str, Any]

MATCHER = re.compile(r'(\w+)\s*(=~|!~|!=|=)\s*"?(.*?)"?')
DEFINITION = re.compile(r"\{\{-? *(?=define |/\*)")
KNOWN_SECTIONS = {"global", "templates", "route", "receivers", "inhibit_rules"}
# Fields of Alertmanager's file that have another name in the object.
RENAMED = {"require_tls": "requireTLS", "source_matchers": "sourceMatch"}
RENAMED |= {"target_matchers": "targetMatch"}
# Fields that name a file with a secret, and the fields that name a key of a Kubernetes secret.
SECRETS = {"credentials_file": "credentials", "url_file": "urlSecret"}
SECRETS |= {"auth_password_file": "authPassword"}


def files() -> dict[str, str]:
    """Return the generated files by name. Kustomize reads nothing outside of its directory."""
    written = {f"{name}.yaml": to_yaml(objects) for name, objects in manifests().items()}
    return written | {"blackbox.yml": (DEPLOY / "prometheus" / "blackbox.yml").read_text()}


def manifests() -> dict[str, list[Object]]:
    """Return the generated objects by the name of their file."""
    return {
        "rules": list(rules()),
        "alertmanager": [alertmanager_config()],
        "dashboards": list(dashboards()),
    }


def rules() -> Iterator[Object]:
    """Yield a PrometheusRule for each file of rules.

    Alerts get the label by which the operator leads them to the AlertmanagerConfig of the same
    namespace; most expressions sum the namespace away. Groups are evaluated as often as elsewhere:
    the operator's default of 30 s would make each alert later.
    """
    config = yaml.safe_load((DEPLOY / "prometheus" / "prometheus.yml").read_text())
    every = {"interval": config["global"]["evaluation_interval"]}
    for path in sorted((DEPLOY / "prometheus" / "rules").glob("*.yml")):
        groups = yaml.safe_load(path.read_text())["groups"]
        for rule in (rule for group in groups for rule in group["rules"] if "alert" in rule):
            rule["labels"] |= {"namespace": NAMESPACE}
        yield {
            "apiVersion": "monitoring.coreos.com/v1",
            "kind": "PrometheusRule",
            "metadata": {"name": path.stem},
            "spec": {"groups": [group | every for group in groups]},
        }


def alertmanager_config() -> Object:
    """Return the routes, receivers and inhibitions of deploy/alertmanager.

    Raises ValueError for a section that has no place in the object.
    """
    config = yaml.safe_load((DEPLOY / "alertmanager" / "alertmanager.yml").read_text())
    if unknown := config.keys() - KNOWN_SECTIONS:
        raise ValueError(f"deploy.kubernetes.build does not know {sorted(unknown)}")
    smtp = {
        name.removeprefix("smtp_"): value
        for name, value in config["global"].items()
        if name.startswith("smtp_")
    }
    for receiver in config["receivers"]:
        for mail in receiver.get("email_configs", []):
            mail |= smtp | mail
    spec = {name: config[name] for name in ("route", "receivers", "inhibit_rules")}
    return {
        "apiVersion": "monitoring.coreos.com/v1alpha1",
        "kind": "AlertmanagerConfig",
        "metadata": {"name": "operations"},
        "spec": _translated(spec, _inlining()),
    }


def _translated(value: Any, inline: Callable[[str], str]) -> Any:
    """Return a part of Alertmanager's file as the operator writes it."""
    if isinstance(value, list):
        return [_translated(one, inline) for one in value]
    if isinstance(value, str):
        return inline(value.replace(SITE, SITE_IN_CLUSTER))
    if not isinstance(value, dict):
        return value
    return dict(_field(name, one, inline) for name, one in value.items())


def _field(name: str, value: Any, inline: Callable[[str], str]) -> tuple[str, Any]:
    if name in SECRETS:
        return SECRETS[name], {"name": NAMESPACE, "key": Path(value).name}
    if name.endswith("_file"):
        raise ValueError(f"deploy.kubernetes.build does not know {name}")
    if name.endswith("matchers"):
        return RENAMED.get(name, name), [_matcher(one) for one in value]
    if name == "headers":
        return name, [{"key": key, "value": inline(text)} for key, text in value.items()]
    return RENAMED.get(name, _camel_case(name)), _translated(value, inline)


def _matcher(text: str) -> Object:
    found = MATCHER.fullmatch(text)
    assert found, text
    name, kind, value = found.groups()
    return {"name": name, "value": value, "matchType": kind}


def _camel_case(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(word.capitalize() for word in others)


def _inlining() -> Callable[[str], str]:
    """Return a function that puts our templates before a text that uses one.

    The object cannot bring files of templates along. Blanks between the definitions would become
    part of the text, so they are trimmed.
    """
    files = sorted((DEPLOY / "alertmanager" / "templates").glob("*.tmpl"))
    definitions = DEFINITION.sub("{{- ", "".join(path.read_text() for path in files))
    definitions = definitions.replace("*/}}", "*/ -}}")

    def inline(text: str) -> str:
        if '{{ template "recruit.' not in text:
            return text
        return definitions.strip() + text.replace("{{ template", "{{- template", 1)

    return inline


def dashboards() -> Iterator[Object]:
    """Yield a ConfigMap for each dashboard; the sidecar of Grafana's chart finds its label."""
    for path in sorted((DEPLOY / "grafana" / "dashboards").glob("*.json")):
        yield {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {
                "name": f"dashboard-{path.stem}",
                "labels": {"grafana_dashboard": "1"},
                "annotations": {"grafana_folder": "Recruit Live"},
            },
            "data": {path.name: path.read_text()},
        }


class _Dumper(yaml.SafeDumper):
    """Writes texts of several lines as blocks, so that changes are readable; never aliases."""

    def ignore_aliases(self, data: object) -> bool:
        return True


def _represent_text(dumper: _Dumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _represent_text)


def to_yaml(objects: list[Object]) -> str:
    """Return the content of a file."""
    heading = "# Generated: python -m deploy.kubernetes.build\n"
    return heading + yaml.dump_all(
        objects, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=10_000
    )


def main() -> None:
    for name, text in files().items():
        (MONITORING / name).write_text(text)


if __name__ == "__main__":
    main()
