"""Writes the schemas of the Prometheus Operator's objects to schemas/, from a package of PyPI.

Run `python -m deploy.kubernetes.vendor_schemas` after changing VERSION; it needs pip. The package
holds Python models of the operator's CRDs, of which this script keeps what validates an object. The
files are checked in with their SHA-256, so that tests need no network.
"""

from __future__ import annotations

import json
import subprocess
import tempfile
import venv
from pathlib import Path
from typing import Any

from deploy.vendor import copy, sha256

SCHEMAS = Path(__file__).resolve().parent / "schemas" / "prometheus-operator"
PACKAGE = "cloudcoil-models-prometheus-operator"
VERSION = "0.80.1.0"  # of prometheus-operator 0.80.1
KINDS = {
    "v1": ("PrometheusRule", "ServiceMonitor", "Probe"),
    "v1alpha1": ("AlertmanagerConfig", "ScrapeConfig"),
}
LEFT_OUT = ("title", "description", "default")
PRINT_SCHEMA = """
import importlib, json, sys
_, module, kind = sys.argv
models = importlib.import_module(f"cloudcoil.models.prometheus_operator.{module}")
print(json.dumps(getattr(models, kind).model_json_schema(by_alias=True)))
"""


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        python = _installed(Path(name))
        SCHEMAS.mkdir(parents=True, exist_ok=True)
        for module, kinds in KINDS.items():
            for kind in kinds:
                schema = json.loads(_output(python, "-c", PRINT_SCHEMA, module, kind))
                # Only Go reads a flag in the middle of a pattern.
                text = json.dumps(_reduced(schema)).replace("^(?i)", "(?i)^")
                (SCHEMAS / f"{kind}.json").write_text(text + "\n")
        (licence,) = Path(name).glob("lib/*/site-packages/cloudcoil_models_*/licenses/LICENSE")
        copy(licence, SCHEMAS / "LICENSE")
    files = sorted(path.name for path in SCHEMAS.iterdir() if path.name != "VERSION")
    hashes = {file: sha256(SCHEMAS / file) for file in files}
    version = {"package": PACKAGE, "version": VERSION, "sha256": hashes}
    (SCHEMAS / "VERSION").write_text(json.dumps(version, indent=2) + "\n")


def _installed(directory: Path) -> Path:
    """Install the package into this directory and return the path of a Python that finds it."""
    venv.create(directory, with_pip=True)
    python = directory / "bin" / "python"
    _output(python, "-m", "pip", "install", "--quiet", f"{PACKAGE}=={VERSION}")
    return python


def _output(python: Path, *arguments: str) -> str:
    return subprocess.run(
        [python, *arguments], check=True, stdout=subprocess.PIPE, text=True
    ).stdout


def _reduced(schema: Any) -> Any:
    """Return the schema without texts; fields that it does not name are refused.

    Optional fields may be missing, but not null: Kubernetes would drop them.
    """
    if not isinstance(schema, dict):
        return schema
    if "anyOf" in schema and {"type": "null"} in schema["anyOf"]:
        others = [_reduced(one) for one in schema["anyOf"] if one != {"type": "null"}]
        return others[0] if len(others) == 1 else {"anyOf": others}
    kept = {name: one for name, one in schema.items() if name not in LEFT_OUT}
    for name in ("properties", "$defs"):
        if name in kept:
            kept[name] = {one: _reduced(inner) for one, inner in kept[name].items()}
    for name in ("items", "additionalProperties"):
        if name in kept:
            kept[name] = _reduced(kept[name])
    if kept.get("properties"):
        kept.setdefault("additionalProperties", False)
    return kept


if __name__ == "__main__":
    main()
