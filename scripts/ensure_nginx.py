"""Find the nginx that the tests put before two replicas, or fetch one: `python scripts/ensure_nginx.py`."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

# A package of the system, unpacked and not installed: an installed one would begin to serve the whole machine.
UNPACKED = Path(__file__).parent.parent / "build" / "nginx"
PACKAGES = ("nginx", "nginx-core")  # older systems have the program in the second
PLACES = ("/usr/sbin/nginx", "/usr/local/sbin/nginx")  # where it is on systems that keep it off the path of a user
WAY_OUT = """\
No nginx was found for the tests, and none could be fetched. Install it:
  Debian        sudo apt-get install nginx
  Fedora        sudo dnf install nginx
  macOS         brew install nginx
or say where one is: ATTENTION_NGINX=/path/to/nginx"""


def find_nginx() -> str | None:
    """Return the path of an nginx that runs: the one ATTENTION_NGINX names, a system one, or one fetched before."""
    return next((path for path in _candidates() if _succeeds([path, "-v"], seconds=30, quiet=True)), None)


def _candidates() -> Iterator[str]:
    if chosen := os.environ.get("ATTENTION_NGINX"):
        yield chosen
        return
    if path := shutil.which("nginx"):
        yield path
    yield from (place for place in (*PLACES, str(UNPACKED / "usr" / "sbin" / "nginx")) if Path(place).exists())


def _succeeds(command: list[str], *, seconds: float, quiet: bool = False, folder: str | None = None) -> bool:
    output = subprocess.DEVNULL if quiet else None
    try:
        return not subprocess.run(
            command, stdout=output, stderr=output, timeout=seconds, cwd=folder, check=False
        ).returncode
    except (OSError, subprocess.TimeoutExpired):
        return False


def _fetch() -> str | None:
    """Return the path of the nginx just fetched with the system's apt-get, which for that needs nobody's rights."""
    apt_get, unpack = shutil.which("apt-get"), shutil.which("dpkg-deb")
    if not apt_get or not unpack:
        return None
    print("Fetching the system's nginx …", flush=True)
    for package in PACKAGES:
        _unpack(package, apt_get, unpack)
        if path := find_nginx():
            return path
    return None


def _unpack(package: str, apt_get: str, unpack: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        download = [apt_get, "download", package]
        if not _succeeds(download, seconds=180, quiet=True, folder=folder):
            _succeeds([apt_get, "update"], seconds=180)  # its lists are old or not there; this does need root
            _succeeds(download, seconds=180, folder=folder)
        for file in Path(folder).glob("*.deb"):
            UNPACKED.mkdir(parents=True, exist_ok=True)
            _succeeds([unpack, "-x", str(file), str(UNPACKED)], seconds=60)


def main() -> int:
    """Make sure there is an nginx; return 1, having said what to do, if there is none."""
    path = find_nginx()
    if not path and "ATTENTION_NGINX" not in os.environ:
        path = _fetch()
    if not path:
        print(WAY_OUT, file=sys.stderr)
        return 1
    print(f"nginx for the tests: {path}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
