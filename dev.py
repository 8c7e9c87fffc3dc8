#!/usr/bin/env python3
"""Everything a fresh machine needs, behind two words.

    python3 dev.py demo    set up, then run the demo shop   (add --once to watch it without a browser,
                           --medusa for the one with a real Medusa and PostgreSQL)
    python3 dev.py sandbox set up, then Payme in a box: `sandbox run URL …`, `sandbox serve` (see docs/sandbox.md)
    python3 dev.py test    set up, then lint, types and tests, real Medusa, PostgreSQL and browser included
    python3 dev.py conformance
                           examine our endpoint and its peers with the sandbox, and write docs/conformance.md
    python3 dev.py bench   measure ours, the peers and the limits side by side: race, rate, delivery, workers, growth,
                           soak, profile, page, all; --quick for a look (see docs/performance.md)
    python3 dev.py faults  put faults in under load and check the ledger after each: [NAMES] [--list] [--quick]
                           [--seed N] [--markdown docs/faults.md]
    python3 dev.py fuzz    say to the sidecar what nobody should, on both databases and over sockets:
                           --minutes 10 [--seed N]
    python3 dev.py docs    make a site of docs/ in build/docs; `docs serve` shows it, and again after each change
    python3 dev.py audit   ask an advisory service about every package of the lock files (part of `test`)
    python3 dev.py lock    write the lock files again from pyproject.toml (needs uv)

Needs Python 3.11 or newer, and Node.js 20.19 or newer for what has Medusa in it. What it installs goes to `.venv`
beside this file, from the lock files, each package checked against its hash; what npm brings, to a cache in your home.
"""

import hashlib
import json
import os
import subprocess
import sys
import tempfile
import venv
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
RUNTIME_LOCK = ROOT / "requirements.lock"
DEV_LOCK = ROOT / "requirements-dev.lock"
SITE = ROOT / "build" / "docs"
ADVISORY_SERVICES = ("pypi", "osv")

Package = dict[str, Any]  # one entry of pip-audit's report


def main(arguments: list[str]) -> int:
    if sys.version_info < (3, 11):
        print(f"payme-sidecar needs Python 3.11 or newer; this is {sys.version.split()[0]}.", file=sys.stderr)
        return 2
    verb, rest = (arguments[0], arguments[1:]) if arguments else ("help", [])
    if verb not in VERBS:
        print(__doc__)
        return 0 if verb in {"help", "-h", "--help"} else 2
    return VERBS[verb](rest)


def demo(rest: list[str]) -> int:
    install(DEV_LOCK if "--medusa" in rest else RUNTIME_LOCK)  # the PostgreSQL of the tests is its PostgreSQL
    return become("payme-sidecar", "demo", *rest)


def sandbox(rest: list[str]) -> int:
    install(RUNTIME_LOCK)
    return become("payme-sidecar", "sandbox", *rest)


def conformance(rest: list[str]) -> int:
    install(RUNTIME_LOCK)
    return become("python", "-m", "benchmarks.conformance", *rest)


def bench(rest: list[str]) -> int:
    install(DEV_LOCK)  # the PostgreSQL of the tests is the one that is measured
    return become("python", "-m", "benchmarks.load", *(rest or ["--help"]))


def faults(rest: list[str]) -> int:
    install(DEV_LOCK)
    return become("python", "-m", "faults", *rest)


def fuzz(rest: list[str]) -> int:
    install(DEV_LOCK)
    return become("python", "-m", "tests.bad_callers.fuzz", *rest)


def docs(rest: list[str]) -> int:
    """Build the site, every warning a failure; `serve` shows it, and builds it again when a page is saved."""
    install(DEV_LOCK)
    os.environ["NO_MKDOCS_2_WARNING"] = "1"  # its makers advertise what comes after it
    if rest:
        return become("python", "-m", "mkdocs", *rest)
    status = run(str(BIN / "python"), "-m", "mkdocs", "build", "--strict")
    if not status:
        say(f"the site is in {SITE.relative_to(ROOT)}: open {SITE.relative_to(ROOT) / 'index.html'}")
    return status


def become(program: str, *arguments: str) -> int:
    """Run a program in our place: every signal that ends us is its own, and it puts its house away first."""
    sys.stdout.flush()
    if os.name == "posix":
        os.execv(BIN / program, [str(BIN / program), *arguments])  # noqa: S606 - our own words
    return run(str(BIN / program), *arguments)


def test(rest: list[str]) -> int:
    """Run every check, cheapest first, and stop at the first that fails. With arguments, pytest runs those alone."""
    install(DEV_LOCK)
    checks = {
        "lint": ("ruff", "check", "."),
        "format": ("ruff", "format", "--check", "."),
        "types": ("mypy",),
        "tests": ("pytest", "--numprocesses=auto", "--dist=worksteal", "--ignore=tests/medusa"),
        "Medusa": ("pytest", "tests/medusa"),  # one at a time: Medusa alone has work for every core
    }
    if rest:
        checks = {"tests": ("pytest", *rest)}
    for name, command in checks.items():
        say(f"{name}: {' '.join(command)}")
        status = run(str(BIN / "python"), "-m", *command)
        if status:
            say(f"{name} failed; the checks end here")
            return status
    if not rest and audit(rest):
        return 1
    say("all checks passed")
    return 0


def audit(_rest: list[str]) -> int:
    """Fail on a known advisory; say so, and do not fail, when nobody could be asked."""
    install(DEV_LOCK)
    return verdict([advisories(service) for service in ADVISORY_SERVICES])


def advisories(service: str) -> list[Package]:
    """What a service says of each package in the lock file of development, which holds the other one's, too."""
    say(f"audit: {DEV_LOCK.name}, asking {service}")
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "report.json")
        options = ("--disable-pip", "--require-hashes", "--progress-spinner=off", "--timeout=15", "--format=json")
        command = (str(BIN / "python"), "-m", "pip_audit", *options, f"--vulnerability-service={service}")
        # Its exit code is 1 for a finding and for a dead network alike; a report there is of the first only.
        subprocess.run(  # noqa: S603 - our own words
            [*command, "--requirement", str(DEV_LOCK), "--output", str(report)], capture_output=True, check=False
        )
        return json.loads(report.read_text())["dependencies"] if report.exists() else []


def verdict(reports: list[list[Package]]) -> int:
    """Judge what the services said: a package counts as audited when one of them knew it."""
    known = {package["name"] for report in reports for package in report if "vulns" in package}
    asked = {package["name"] for report in reports for package in report}
    found = {
        f"{package['name']} {package['version']}: {flaw['id']}, "
        f"mended in {', '.join(flaw['fix_versions']) or 'nothing'}"
        for report in reports
        for package in report
        for flaw in package.get("vulns", ())
    }
    for line in sorted(found):
        say(f"audit: {line}")
    if found:
        return 1
    if not known:
        say("not audited: no advisory service reachable")
    elif asked - known:
        say(f"audit: no known advisory; not audited: {', '.join(sorted(asked - known))}")
    else:
        say(f"audit: no known advisory in {len(known)} packages")
    return 0


def lock(rest: list[str]) -> int:
    """Resolve for every Python and platform at once; hashes make the set-up refuse anything else."""
    options = ("--universal", "--generate-hashes", "--no-header", "--python-version", "3.11", *rest)
    compile_lock = ("uv", "pip", "compile", *options, "pyproject.toml")
    return run(*compile_lock, "--output-file", str(RUNTIME_LOCK)) or run(
        *compile_lock, "--group", "dev", "--output-file", str(DEV_LOCK)
    )


def install(lock_file: Path) -> None:
    """Bring `.venv` to what the lock file says; do nothing when it is there already."""
    wanted = hashlib.sha256(lock_file.read_bytes() + (ROOT / "pyproject.toml").read_bytes()).hexdigest()
    stamp = VENV / f"{lock_file.name}.installed"
    if stamp.exists() and stamp.read_text() == wanted:
        return
    if not (BIN / "python").exists():
        say(f"making {VENV.name} with Python {sys.version.split()[0]}")
        make_venv()
    say(f"installing {lock_file.name} (a minute or two the first time)")
    pip("install", "--require-hashes", "--requirement", str(lock_file))
    say("installing payme-sidecar itself, editable")
    pip("install", "--no-deps", "--editable", str(ROOT))
    stamp.write_text(wanted)


def make_venv() -> None:
    try:
        venv.create(VENV, with_pip=True, clear=True)
    except (subprocess.CalledProcessError, ImportError) as broken:
        raise SystemExit(
            "This Python cannot make a virtual environment with pip in it.\n"
            "On Debian or Ubuntu: apt install python3-venv; elsewhere install Python from python.org."
        ) from broken


def pip(*arguments: str) -> None:
    quiet = ("--quiet", "--disable-pip-version-check", "--no-input")
    if run(str(BIN / "python"), "-m", "pip", *arguments, *quiet):
        raise SystemExit("pip could not install what is needed; its last lines above say why.")


def run(*command: str) -> int:
    try:
        process = subprocess.Popen(command, cwd=ROOT)  # noqa: S603 - our own words
    except FileNotFoundError:
        raise SystemExit(f"{command[0]} was not found on this machine.") from None
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:
            continue  # it has heard Ctrl-C, too, and has things to put away


def say(line: str) -> None:
    print(f"── {line}", flush=True)


VERBS = {
    "demo": demo,
    "sandbox": sandbox,
    "conformance": conformance,
    "bench": bench,
    "faults": faults,
    "fuzz": fuzz,
    "docs": docs,
    "test": test,
    "audit": audit,
    "lock": lock,
}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
