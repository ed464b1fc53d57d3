"""Real exporters export what our rules and panels read, and Prometheus finds a certificate that is
about to expire.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from project.embedded import postgresql
from project.embedded.locations import places
from tests.support.contracts import promql
from tests.support.contracts.panels import Query, queries
from tests.support.contracts.promql import ExporterSeries, exporter_series
from tests.support.external.exporters import (
    JOBS,
    Version,
    blackbox_configuration,
    exporter,
    installed_version,
    version,
)
from tests.support.external.nginx import make_certificate, nginx
from tests.support.external.programs import installed
from tests.support.external.prometheus import Prometheus, scraping
from tests.support.external.valkey_server import valkey_server
from tests.support.product.failover import primary_and_replica
from tests.support.product.processes import Site

pytestmark = [
    pytest.mark.processes,
    pytest.mark.django_db(transaction=True),
    pytest.mark.timeout(400),  # many servers to start, on a machine that may be busy
]
WITHIN_SECONDS = 180.0  # generous, for a busy machine
DAYS_LEFT = 5
# Otherwise node_exporter says nothing in a container, whose root is an overlay.
EVERY_DISK = "--collector.filesystem.fs-types-exclude=^(proc|sysfs|devpts|mqueue)$"
FAULTLESS = {
    *("CertificateExpiresSoon", "SiteUnreachable", "ExporterDown", "ConnectionsRunningOut"),
    *("ReplicationLagging", "RedisMemoryRunningOut", "RedisMemoryUnlimited", "RedisKeysEvicted"),
}


@dataclass(frozen=True, slots=True)
class Watched:
    """Running exporters. targets: by the name of a targets file; prober: probes the site."""

    targets: dict[str, str]
    prober: str


@pytest.fixture
def versions() -> dict[str, Version]:
    """The version of each exporter; skips the test before anything else is started."""
    installed("prometheus")
    return {job: installed_version(job) for job in JOBS}


@pytest.fixture
def watched(
    versions: dict[str, Version], site: Site, data_dir: Path, tmp_path: Path
) -> Iterator[Watched]:
    with ExitStack() as until:
        database = until.enter_context(replicated_database(data_dir))
        redis = until.enter_context(valkey_server(tmp_path / "valkey", "--maxmemory", "100mb"))
        site.start("web")
        certificate = make_certificate(tmp_path / "edge", days=DAYS_LEFT)
        edge = until.enter_context(nginx(certificate.parent, [site.port], by_tls=True))
        env = {"DATA_SOURCE_NAME": database, "REDIS_ADDR": f"redis://127.0.0.1:{redis.port}"}
        env["REDIS_EXPORTER_CONFIG_COMMAND"] = "-"  # as in compose
        trusting = blackbox_configuration(tmp_path, certificate)
        arguments = {"node": [EVERY_DISK], "blackbox": [f"--config.file={trusting}"]}
        addresses = {
            job: until.enter_context(exporter(job, *arguments.get(job, []), **env)) for job in JOBS
        }
        probed = {"blackbox": f"https://localhost:{edge.tls_port}/readyz"}
        yield Watched(addresses | probed, addresses["blackbox"])


@contextmanager
def replicated_database(data_dir: Path) -> Iterator[str]:
    """Yields the address of a database with a table, a replica and a slot that nobody uses."""
    with primary_and_replica(data_dir) as pair:
        pair.start_replica()
        with postgresql.connect(places(data_dir / "primary")) as primary:
            primary.execute("CREATE TABLE vacuumed (id int)")
            primary.execute("SELECT pg_create_physical_replication_slot('unused', true)")
        yield pair.env["DATABASE_URL"]


async def test_exporters_export_what_rules_read_and_a_certificate_that_expires_is_told(
    watched: Watched, versions: dict[str, Version], tmp_path: Path
) -> None:
    series = [one for one in exporter_series() if version(one.since) <= versions[one.job]]
    assert {one.job for one in series} == set(JOBS)
    too_new = {one.name for one in exporter_series()} - {one.name for one in series}
    panels = [
        query
        for query in queries()
        if query.where.startswith("servers /") and not too_new & names_in(query)
    ]
    async with scraping(tmp_path, watched.targets, prober=watched.prober) as prometheus:

        async def missing() -> list[str]:
            exported = [one.name for one in series if not await is_exported(prometheus, one)]
            empty = [one.where for one in panels if not await prometheus.numbers(one.asked)]
            told = await prometheus.firing()
            return exported + empty + sorted({"CertificateExpires"} - told)

        await until_empty(missing)
        assert await prometheus.broken_rules() == {}
        assert not FAULTLESS & await prometheus.firing()


def names_in(query: Query) -> set[str]:
    return {asked.name for asked in promql.selectors(query.asked)}


async def is_exported(prometheus: Prometheus, series: ExporterSeries) -> bool:
    labels = await prometheus.labels(series.name)
    return labels is not None and labels >= series.labels


async def until_empty(found: Callable[[], Awaitable[list[str]]]) -> None:
    """Waits until nothing is found; fails with what was found last."""
    last: list[str] = []
    try:
        async with asyncio.timeout(WITHIN_SECONDS):
            while last := await found():  # noqa: ASYNC110  Prometheus has no event for it
                await asyncio.sleep(1)
    except TimeoutError:
        pytest.fail("Missing: " + "\n".join(last))
