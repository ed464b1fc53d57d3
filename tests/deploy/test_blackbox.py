"""blackbox_exporter, with our configuration, finds out whether visitors reach the site."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
import yaml

from tests.support.external.exporters import blackbox_configuration, exporter
from tests.support.external.nginx import NginxServer, nginx
from tests.support.external.programs import DEPLOY, free_port
from tests.support.product.processes import Site

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]
CONFIG = DEPLOY / "prometheus" / "blackbox.yml"


@pytest.fixture
def edge(site: Site, tmp_path: Path) -> Iterator[NginxServer]:
    """The site behind nginx, over TLS. Without Redis it is not ready."""
    site.start("web", REDIS_URL=f"redis://127.0.0.1:{free_port()}/0")
    directory = tmp_path / "edge"
    directory.mkdir()
    with nginx(directory, [site.port], by_tls=True) as edge:
        yield edge


@pytest.fixture
def probe(edge: NginxServer, tmp_path: Path) -> Iterator[Callable[[str], dict[str, float]]]:
    """Probes an address; `site` knows the certificate's issuer, `stranger` does not."""
    strange = yaml.safe_load(CONFIG.read_text())["modules"]["site"]
    authority = edge.directory / "tls_certificate"
    config = blackbox_configuration(tmp_path, authority, stranger=strange)

    def run(target: str, module: str = "site") -> dict[str, float]:
        parameters = {"module": module, "target": target}
        answer = httpx.get(f"http://{address}/probe", params=parameters, timeout=30)
        lines = re.findall(r"^(probe_\w+) (\S+)$", answer.text, re.MULTILINE)
        return {name: float(value) for name, value in lines}

    with exporter("blackbox", f"--config.file={config}") as address:
        yield run


def test_a_site_that_is_not_ready_is_reachable_and_its_certificate_has_an_end(
    probe: Callable[..., dict[str, float]], edge: NginxServer
) -> None:
    found = probe(f"https://localhost:{edge.tls_port}/readyz")
    assert found["probe_http_status_code"] == 503, "the premise"
    assert found["probe_success"] == 1
    days = (found["probe_ssl_earliest_cert_expiry"] - made_at(edge)) / 86_400
    assert 364 < days <= 365, "of secrets.sh"


def made_at(edge: NginxServer) -> float:
    return (edge.directory / "tls_certificate").stat().st_mtime


def test_a_certificate_that_browsers_refuse_counts_as_unreachable(
    probe: Callable[..., dict[str, float]], edge: NginxServer
) -> None:
    assert probe(f"https://localhost:{edge.tls_port}/readyz", "stranger")["probe_success"] == 0


def test_an_answer_of_a_proxy_counts_as_unreachable(
    probe: Callable[..., dict[str, float]], edge: NginxServer, site: Site
) -> None:
    """An error page has a status too, but no finding of the site."""
    found = probe(f"https://localhost:{edge.tls_port}/healthz")
    assert (found["probe_http_status_code"], found["probe_success"]) == (200, 0)
    site.running[0].kill()
    found = probe(f"https://localhost:{edge.tls_port}/readyz")
    assert (found["probe_http_status_code"], found["probe_success"]) == (502, 0)
