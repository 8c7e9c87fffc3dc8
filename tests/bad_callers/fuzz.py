"""All fuzzers, round after round with new seeds, for as long as one likes: `python3 dev.py fuzz --minutes 10`.

It ends with a table of what was answered how often, or at the first answer that must not be, and prints the seed of
each round before it begins.
"""

import argparse
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any, Final

from demo_shop.postgres import postgres
from sidecar import logs
from tests.bad_callers import http_fuzz, openapi_fuzz, payme_fuzz
from tests.conftest import migrate
from tests.line import served
from tests.processes import secrets_in
from tests.shop import Shop

# Calls of each kind before the next kind has its turn: of the API for each operation, good and bad.
ROUND: Final = {openapi_fuzz: 10, payme_fuzz: 400, http_fuzz: 300}

Fuzzer = Callable[[int], Counter[str]]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=random.randrange(2**32))
    asked = parser.parse_args()
    logs.configure("error")
    with ExitStack() as stack, tempfile.TemporaryDirectory() as folder:
        fuzzers = furnished(stack, Path(folder))
        end = time.monotonic() + asked.minutes * 60
        counts: Counter[str] = Counter()
        seed = asked.seed
        while time.monotonic() < end:
            print(f"seed {seed}: {counts.total()} calls so far", flush=True)  # noqa: T201 - to a person
            for fuzz in fuzzers:
                counts += fuzz(seed)
            seed += 1
        complaint = read(Path(folder) / "log")
    for answer, count in sorted(counts.items()):
        print(f"{count:>9,}  {answer}")  # noqa: T201
    print(f"{counts.total():>9,}  in {asked.minutes:g} minutes, seeds {asked.seed}–{seed - 1}")  # noqa: T201
    print(complaint or "no 5xx, no traceback, no error logged, nothing stored by a refused call")  # noqa: T201
    return bool(complaint)


def furnished(stack: ExitStack, folder: Path) -> list[Fuzzer]:
    """Both databases in this process, and one real server beside it."""
    server = stack.enter_context(postgres())
    server.create_database("fuzz")
    fuzzers: list[Fuzzer] = []
    for url in (f"sqlite:///{folder}/fuzz.db", server.url("fuzz")):
        migrate(url)
        shop = Shop(url)
        stack.callback(shop.close)
        fuzzers += [partial(anew, kind, shop) for kind in (openapi_fuzz, payme_fuzz)]
    port, _process = stack.enter_context(served(folder))
    return [*fuzzers, lambda seed: http_fuzz.run(port, ROUND[http_fuzz], seed)]


def anew(kind: Any, shop: Shop, seed: int) -> Counter[str]:
    kind.furnish(shop)
    counts: Counter[str] = kind.run(shop, ROUND[kind], seed)
    return counts


def read(log: Path) -> str:
    said = log.read_text()
    if secrets_in(said):
        return "a secret was logged"
    faults = [line for line in said.splitlines() if '"level": "error"' in line or "Traceback" in line]
    return faults[0] if faults else ""


if __name__ == "__main__":
    sys.exit(main())
