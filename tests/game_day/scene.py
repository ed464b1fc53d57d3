"""The product on an interview day, watched by the configured Prometheus and Alertmanager."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp
from threading import Event
from typing import Any
from urllib.parse import urlsplit

import httpx
import yaml
from django.conf import settings
from django.utils import timezone

from interview.demo.campaigns import AUTUMN_SLUG
from monitoring.backups.models import Backup
from tests.game_day.background import running
from tests.people import PASSWORD
from tests.support.clients.websocket_client import TOKEN as CSRF_TOKEN
from tests.support.contracts.alerts import PROMETHEUS, alerts, read
from tests.support.external.alertmanager import configuration, receiver, routes
from tests.support.external.exporters import blackbox_configuration, exporter
from tests.support.external.fake_dingtalk import OK, SECRET, FakeDingtalk, Reply
from tests.support.external.nginx import NginxServer, make_certificate, nginx
from tests.support.external.programs import DEPLOY, free_port, serving
from tests.support.external.prometheus import TOKEN
from tests.support.external.smtp_server import SmtpServer, running_smtp_server
from tests.support.product.private_servers import PrivateServers
from tests.support.product.processes import Running, Site
from tests.support.product.servers import SESSION_VARIABLE
from tests.support.traffic.interview_day import Day

SPEED = "60"
PAGES = ("/", f"/board/{AUTUMN_SLUG}/", "/candidates/", "/tasks/")
PAGE_EVERY_SECONDS = 0.5
READY_SECONDS = 120.0
NEEDED_CHECKS = ("database", "tables", "redis", "clock", "relay", "beat", "worker", "schedule")
DISK_SIZE = "40m"
DURATION = re.compile(r"(?<=\[)(\d+)(s|m|h|d)(?=\])")
SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


@dataclass(frozen=True, slots=True)
class Told:
    """A mail that people received about an alert. at: by the monotonic clock."""

    alert: str
    is_firing: bool
    at: float
    subject: str


class Chats(FakeDingtalk):
    """DingTalk with two robots: planned answers are for the notices, alerts always arrive."""

    def answer(self, address: str, body: bytes) -> dict[str, Any] | bytes | Reply:
        return OK if b"/ops/" in body else super().answer(address, body)


@dataclass(frozen=True, slots=True)
class Edge:
    """The way of visitors: nginx, the exporter that probes it, and two certificates for it."""

    nginx: NginxServer
    prober: str
    lasting: Path
    ending: Path


class Scene:
    """The running product that a fault may break, and the alerts that people have received."""

    def __init__(
        self, day: Day, dingtalk: FakeDingtalk, mails: SmtpServer, disk: Path, edge: Edge
    ) -> None:
        self.day, self.dingtalk, self.disk, self.edge = day, dingtalk, disk, edge
        self.servers = {
            "PostgreSQL": PrivateServers(Path(os.environ[SESSION_VARIABLE]), ("PostgreSQL",)),
            "Valkey": PrivateServers(settings.DATA_DIR, ("Valkey",)),
        }
        self._mails = mails
        self._arrived: list[float] = []
        self._names = {rule["annotations"]["summary"]: name for name, rule in alerts().items()}

    def process(self, name: str) -> Running:
        return next(one for one in self.day.site.running if one.name == name and one.is_alive())

    def start(self, name: str, **env: str) -> None:
        """Starts a process at the metrics address it had. env: further settings."""
        port = urlsplit(f"//{self.day.targets[name]}").port
        self.day.site.start(name, **self.day.env | {"METRICS_PORT": str(port)} | env)

    def told(self) -> list[Told]:
        """Returns the alerts that were mailed until now, in order."""
        mails = list(self._mails.mails)
        while len(self._arrived) < len(mails):
            self._arrived.append(time.monotonic())
        return [
            self._told(str(mail["Subject"]), at)
            for mail, at in zip(mails, self._arrived, strict=True)
        ]

    def firing(self) -> dict[str, bool]:
        """Returns for each alert that was told whether the last mail says that it fires."""
        return {one.alert: one.is_firing for one in self.told()}

    def _told(self, subject: str, at: float) -> Told:
        status, _, said = subject.partition(": ")
        # The longest: "The certificate expires" may begin another summary.
        summary = max(filter(said.startswith, self._names), key=len)
        name = self._names[summary]
        return Told(name, status == "Alert", at, subject)

    def wait_until_ready(self) -> None:
        """Waits until the site works again. Raises TimeoutError if it does not."""
        checks: dict[str, dict[str, Any]] = {}
        ends_at = time.monotonic() + READY_SECONDS
        while time.monotonic() < ends_at:
            with suppress(httpx.HTTPError, ValueError):
                checks = httpx.get(f"{self.day.site.url}/readyz", timeout=5).json()["checks"]
                if all(checks[name]["ok"] for name in NEEDED_CHECKS):
                    return
            time.sleep(1)
        raise TimeoutError(f"the site is not ready: {checks}")


@contextmanager
def scene(factor: float) -> Iterator[Scene]:
    """Yields the product with all its processes. factor: by which waits are divided."""
    with ExitStack() as until:
        home = Path(mkdtemp(prefix="game-day-"))
        home.chmod(0o755)
        until.callback(shutil.rmtree, home)
        mails = until.enter_context(running_smtp_server())
        dingtalk = until.enter_context(Chats())
        dingtalk.now = timezone.now
        disk = until.enter_context(small_disk(home / "disk"))
        Backup.objects.create(taken_at=timezone.now(), size=1, seconds=1, is_encrypted=False)
        site = Site(forked=False)
        until.callback(site.stop)
        day = Day(site, dingtalk, speed=SPEED, **_environment(dingtalk, disk))
        alertmanager = until.enter_context(_alertmanager(home, site, mails, factor))
        edge = until.enter_context(_edge(home, site))
        probed = {"blackbox": f"https://localhost:{edge.nginx.tls_port}/readyz"}
        targets = day.targets | probed | {"alertmanager": alertmanager}
        until.enter_context(_prometheus(home, targets, factor, edge.prober))
        until.enter_context(visits(day))
        yield Scene(day, dingtalk, mails, disk, edge)


@contextmanager
def _edge(home: Path, site: Site) -> Iterator[Edge]:
    lasting = make_certificate(home / "lasting", days=90)
    ending = make_certificate(home / "ending", days=5)
    trusted = home / "trusted"
    trusted.write_text(lasting.read_text() + ending.read_text())
    config = blackbox_configuration(home, trusted)
    (home / "edge").mkdir()
    with (
        nginx(home / "edge", [site.port], by_tls=True) as server,
        exporter("blackbox", f"--config.file={config}") as prober,
    ):
        server.use_certificate(lasting)
        yield Edge(server, prober, lasting, ending)


def _environment(dingtalk: FakeDingtalk, disk: Path) -> dict[str, str]:
    """Returns further settings of the product's processes."""
    robot = f'{{"webhook": "{dingtalk.webhook}", "secret": "{SECRET}"}}'
    return {
        "DJANGO_SETTINGS_MODULE": "tests.game_day.settings",
        "DINGTALK_ROBOTS": f'{{"autumn": {robot}, "operations": {robot}}}',
        "ALERTS_TOKEN": TOKEN,
        "LOG_DIR": str(disk),
        "EMAIL_HOST": "127.0.0.1",
    }


@contextmanager
def small_disk(directory: Path) -> Iterator[Path]:
    """A disk of its own, which a fault can fill. Mounting it needs root."""
    directory.mkdir()
    subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={DISK_SIZE}", "tmpfs", directory], check=True
    )
    try:
        yield directory
    finally:
        subprocess.run(["umount", "--lazy", directory], check=True)


@contextmanager
def visits(day: Day) -> Iterator[None]:
    """People open pages, and the interview day goes on, until the end of the block."""
    cookies = {"sessionid": sign_in(day.site, "chen")}
    with running(lambda is_over: _visit_until(is_over, day, cookies)):
        yield


def sign_in(site: Site, username: str) -> str:
    """Signs in through the login page; returns the key of the session."""
    with httpx.Client(base_url=site.url, timeout=20) as browser:
        form = {"username": username, "password": PASSWORD}
        found = CSRF_TOKEN.search(browser.get("/accounts/login/").text)
        assert found, "the login page has a form"
        form |= {"csrfmiddlewaretoken": found[1]}
        browser.post("/accounts/login/", data=form, headers={"Referer": site.url})
        return browser.cookies["sessionid"]


def _visit_until(is_over: Event, day: Day, cookies: dict[str, str]) -> None:
    with httpx.Client(base_url=day.site.url, cookies=cookies, timeout=20) as browser:
        while not is_over.is_set():
            for path in PAGES:
                with suppress(httpx.HTTPError):
                    browser.get(path)
                is_over.wait(PAGE_EVERY_SECONDS)
            day.keep_playing()


@contextmanager
def _prometheus(home: Path, targets: dict[str, str], factor: float, prober: str) -> Iterator[None]:
    copy = shutil.copytree(PROMETHEUS, home / "prometheus")
    config = read(copy / "prometheus.yml")
    for name in ("scrape_interval", "scrape_timeout", "evaluation_interval"):
        config["global"][name] = shortened(config["global"][name], factor)
    blackbox = next(job for job in config["scrape_configs"] if job["job_name"] == "blackbox")
    blackbox["relabel_configs"][-1]["replacement"] = prober
    for name in ("scrape_interval", "scrape_timeout"):
        blackbox[name] = shortened(blackbox[name], factor)
    (copy / "prometheus.yml").write_text(yaml.safe_dump(config))
    for path in (copy / "rules").glob("*.yml"):
        path.write_text(_shortened_rules(path.read_text(), factor))
    (copy / "metrics_token").write_text(TOKEN)
    address = f"127.0.0.1:{free_port()}"
    for name, target in (targets | {"prometheus": address}).items():
        (copy / "targets" / f"{name}.yml").write_text(yaml.safe_dump([{"targets": [target]}]))
    with serving(
        "prometheus",
        f"--config.file={copy / 'prometheus.yml'}",
        f"--storage.tsdb.path={home / 'kept'}",
        f"--web.listen-address={address}",
        ready=f"http://{address}/-/ready",
    ):
        yield


def _shortened_rules(text: str, factor: float) -> str:
    text = DURATION.sub(lambda found: shortened(found[0], factor), text)
    return re.sub(
        r"((?:keep_firing_)?for: )(\w+)", lambda one: one[1] + shortened(one[2], factor), text
    )


def shortened(duration: str, factor: float) -> str:
    """Returns a duration of Prometheus, such as 45s, divided by the factor, in milliseconds."""
    milliseconds = sum(
        int(number) * SECONDS[unit] for number, unit in re.findall(r"(\d+)([smhd])", duration)
    )
    return f"{milliseconds * 1000 / factor:.0f}ms"


@contextmanager
def _alertmanager(home: Path, site: Site, mails: SmtpServer, factor: float) -> Iterator[str]:
    """Runs it as configured; tickets are mailed too, so that their arrival can be measured."""
    config = configuration(site=site.url, smtp_port=mails.port)
    by_mail = receiver(config, "operations-by-mail")["email_configs"]
    for route in routes(config["route"]):
        for name in ("group_wait", "group_interval"):
            if name in route:
                route[name] = shortened(route[name], factor)
        if 'severity="ticket"' in route.get("matchers", []):
            route["receiver"] = "tickets"
    webhooks = receiver(config, "operations")["webhook_configs"]
    config["receivers"].append(
        {"name": "tickets", "webhook_configs": webhooks, "email_configs": by_mail}
    )
    shutil.copytree(DEPLOY / "alertmanager" / "templates", home / "templates")
    (home / "alerts_token").write_text(TOKEN)
    (home / "alertmanager.yml").write_text(yaml.safe_dump(config, width=1_000))
    address = f"127.0.0.1:{free_port()}"
    with serving(
        "prometheus-alertmanager",
        f"--config.file={home / 'alertmanager.yml'}",
        f"--storage.path={home / 'silences'}",
        f"--web.listen-address={address}",
        "--cluster.listen-address=",
        ready=f"http://{address}/-/ready",
    ):
        yield address
