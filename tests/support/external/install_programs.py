"""Fetches the programs that tests need besides Python.

Started by `make test` as `python -m tests.support.external.install_programs`. It never fails: a
test whose program is missing is skipped, and one sentence says what to install.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.support.external import chromium, programs, rabbitmq

# Debian starts the servers it installs unless this file forbids it. Tests start their own.
POLICY = Path("/usr/sbin/policy-rc.d")
FONT_PACKAGES = ("fontconfig", "fonts-noto-cjk")


def main() -> None:
    if chromium.executable() is None:
        _download_chromium()
    wanted = list(dict.fromkeys(missing_packages()))
    if wanted and os.geteuid() == 0 and shutil.which("apt-get"):
        _install(wanted)
        chromium.executable.cache_clear()
        wanted = list(dict.fromkeys(missing_packages()))
    if wanted:
        _say(f"Tests that need these packages are skipped; install them: {' '.join(wanted)}")


def missing_packages() -> Iterator[str]:
    """Yields the Debian packages whose programs are missing."""
    if chromium.executable() is None:
        yield "chromium"
    if not rabbitmq.SERVER.exists():
        yield "rabbitmq-server"
    for program, package in programs.PACKAGES.items():
        if programs.path_of(program) is None:
            yield package
    if not _has_chinese_font():
        yield from FONT_PACKAGES


def _has_chinese_font() -> bool:
    if shutil.which("fc-list") is None:
        return False
    fonts = subprocess.run(["fc-list", ":lang=zh"], capture_output=True, text=True, check=False)
    return bool(fonts.stdout.strip())


def _download_chromium() -> None:
    _say("Downloading Chromium …")
    command = [sys.executable, "-m", "playwright", "install", "chromium"]
    subprocess.run(command, capture_output=True, check=False)
    chromium.executable.cache_clear()


def _install(packages: list[str]) -> None:
    _say(f"Installing {' '.join(packages)} …")
    forbids = not POLICY.exists()
    if forbids:
        POLICY.write_text("#!/bin/sh\nexit 101\n")
        POLICY.chmod(0o755)
    options = ["--yes", "--no-install-recommends"]
    quietly = {"env": os.environ | {"DEBIAN_FRONTEND": "noninteractive"}, "check": False}
    try:
        subprocess.run(["apt-get", "--quiet", "update"], **quietly)
        subprocess.run(["apt-get", "--quiet", "install", *options, *packages], **quietly)
    finally:
        if forbids:
            POLICY.unlink()


def _say(sentence: str) -> None:
    print(sentence, flush=True)  # noqa: T201 a program's output


if __name__ == "__main__":
    main()
