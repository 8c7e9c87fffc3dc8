"""The fault suite: real processes under load, one fault put in on purpose, and the ledger check at the end.

    python3 dev.py faults                    everything, in full
    python3 dev.py faults killed-sidecar     one fault; --quick for its short form, --list for their names

It imports nothing of the sidecar: it starts `payme-sidecar serve`, asks it over HTTP, and looks at its database.

To add a fault, write an `async def inject(town, times) -> int` and a `Fault` that names it in a module of your own
(`process_faults.py` shows how), and put the module's `FAULTS` into `catalogue.py`. While `inject` runs, people buy:

    town.sidecar, town.sidecars     the processes: start, strike, kill, end, pause, resume
    town.backend.mode = Mode.SLOW   the commerce backend: kill, start, `modes` by session, `heard` and `done` hooks
    town.database                   url, query, execute; `.server` is the PostgreSQL, `.path` the SQLite file
    town.wires                      a proxy on each side of each sidecar (`Fault.wired`): listen, reset, open, close
    town.payme.call(…)              a call that goes into the journal; never gives up. `try_once` does
    town.payments(20)               wait until so many more answers came; `until`, `pause` likewise
    town.complain("…")              what the fault itself saw go wrong

What blocks (`town.database`, its server) goes through `asyncio.to_thread`. `inject` leaves everything running; the
suite then waits for the backlog to go by itself, closes the books and holds them against each other (`check.py`).
"""
