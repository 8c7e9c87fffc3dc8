"""The sandbox against a sidecar that has a fault: for each rule of the protocol one, and the scenario that finds it.

The first table is the matrix of conditions and methods (spec 3.4), cell by cell. Its last row, an internal failure, has
no cell here: from outside no failure can be caused but that of the shop, and `shop-fails-for-a-moment` does.
"""

# ruff: noqa: E501 - a table reads best with a row on a line

import json
import shutil
import sqlite3
from pathlib import Path
from typing import Any, Final, NamedTuple

import pytest

from tests.conftest import migrate
from tests.payme_sandbox.certified import certify_in_a_process_of_its_own

ROOT: Final = Path(__file__).parents[2]


class Fault(NamedTuple):
    rule: str
    method: str
    scenario: str
    """That finds it."""
    file: str
    was: str
    becomes: str
    strict: bool = False
    """Payme's sources disagree about the rule: it takes `--strict` to find it."""
    without_index: bool = False
    """The database would stand in for the code."""

    @property
    def name(self) -> str:
        return f"{self.method}: {self.rule}"


MACHINE: Final = "payme_merchant/machine.py"
METHODS: Final = "payme_merchant/methods.py"
PARAMS: Final = "payme_merchant/params.py"
DOOR: Final = "payme_merchant/door.py"
CALLER: Final = "payme_merchant/caller.py"
KEYS: Final = "keys.py"
RPC: Final = "payme_merchant/rpc.py"
ROWS: Final = "payme_merchant/transactions.py"

CHECK_PERFORM, CREATE, PERFORM, CANCEL, CHECK, STATEMENT, EVERY = (
    *("CheckPerform", "Create", "Perform", "Cancel", "Check", "Statement", "every method"),
)

# Lines of the sidecar that several faults begin at.
ADMITS_TO_LOOK: Final = "    admitted, _ = admit(session, holder, call.amount, now)\n"
ADMITS_TO_CREATE: Final = "    session, amount = admit(session, holder, call.amount, now)\n"
LOOKS_TO_PERFORM: Final = "    return _move(connection, *_look(connection, call.id), Event.PERFORM"
LOOKS_TO_CANCEL: Final = "    return _move(connection, *_look(connection, call.id), Event.CANCEL"
REPORTS: Final = "return _report(found) if found else Refusal(PaymeError.TRANSACTION_NOT_FOUND)"
UNKNOWN: Final = (
    "    if transactions.find(connection, call.id) is None:\n        raise Refusal(PaymeError.ACCOUNT_NOT_FOUND)\n"
)
COMPARES: Final = "self._compare(credential, accepted)"
DENIES: Final = "        if not is_payme:\n"
# fmt: off
ROW: Final = {
    "created": "Standing.CREATED:   {Event.CREATE: STAY,   Event.PERFORM: PERFORM, Event.CANCEL: CANCEL,",
    "overdue": "Standing.OVERDUE:   {Event.CREATE: EXPIRE, Event.PERFORM: EXPIRE,  Event.CANCEL: CANCEL,",
    "performed": "Standing.PERFORMED: {Event.CREATE: REFUSE, Event.PERFORM: STAY,    Event.CANCEL: REVERSE,",
    "cancelled": "Standing.CANCELLED: {Event.CREATE: REFUSE, Event.PERFORM: REFUSE,  Event.CANCEL: STAY,",
    "reversed": "Standing.REVERSED:  {Event.CREATE: REFUSE, Event.PERFORM: REFUSE,  Event.CANCEL: STAY,",
}
# fmt: on


def cell(row: str, event: str, becomes: str) -> tuple[str, str, str]:
    """Put something else into one cell of the machine's table."""
    was = ROW[row]
    head, mark, tail = was.partition(f"Event.{event}: ")
    _, comma, rest = tail.partition(",")
    return MACHINE, was, f"{head}{mark}{becomes}{comma}{rest}"


def before(line: str, inserted: str) -> tuple[str, str, str]:
    return METHODS, line, f"{inserted}{line}"


def open_to_strangers(method: str) -> tuple[str, str, str]:
    return DOOR, DENIES, f'        if not is_payme and document.get("method") != "{method}":\n'


# fmt: off
MATRIX: Final = [
    *(
        Fault("bad credentials", method, "wrong-authorization", *open_to_strangers(name))
        for method, name in {
            CHECK_PERFORM: "CheckPerformTransaction",
            CREATE: "CreateTransaction",
            PERFORM: "PerformTransaction",
            CANCEL: "CancelTransaction",
            CHECK: "CheckTransaction",
            STATEMENT: "GetStatement",
        }.items()
    ),
    # ── params missing or of a wrong type ──
    Fault("params missing", CHECK_PERFORM, "malformed-params", PARAMS, 'return CheckPerform(_order_id(params, account_field), tiyin(params.get("amount")))', 'return CheckPerform(_order_id(params, account_field), tiyin(params["amount"]))'),
    Fault("params missing", CREATE, "malformed-params", PARAMS, "_new_payme_id(params),\n        _moment", 'params["id"],\n        _moment'),
    Fault("one param missing", CREATE, "malformed-params", PARAMS, '_moment(params, "time", least=1)', 'params["time"]'),
    Fault("params missing", PERFORM, "malformed-params", PARAMS, "Perform(_payme_id(params))", 'Perform(params["id"])'),
    Fault("params missing", CANCEL, "malformed-params", PARAMS, 'reason = params.get("reason")', 'reason = params["reason"]'),
    Fault("params missing", CHECK, "malformed-params", PARAMS, "Check(_payme_id(params))", 'Check(params["id"])'),
    Fault("params missing", STATEMENT, "malformed-params", PARAMS, '_moment(params, "from", least=0)', 'params["from"]'),
    Fault("params not an object", EVERY, "malformed-params", RPC, "if not isinstance(params, dict):", "if params is None:"),
    # ── account field absent, or order unknown ──
    Fault("order unknown", CHECK_PERFORM, "unknown-account", *before(ADMITS_TO_LOOK, '    if session is None:\n        return {"allow": True}\n')),
    Fault("order unknown", CREATE, "unknown-account", *before(ADMITS_TO_CREATE, "    if session is None:\n        return Refusal(PaymeError.CANNOT_PERFORM)\n")),
    Fault("account field absent", EVERY, "malformed-account", PARAMS, "account.get(account_field)", "account[account_field]"),
    Fault("an order name that is no order", EVERY, "does-not-exist", PARAMS, "and IDENTIFIER.fullmatch(value.strip())", "and value.encode('ascii')"),
    # ── order paid ──
    Fault("order paid", CHECK_PERFORM, "blocked", *before(ADMITS_TO_LOOK, '    if holder and holder.lifecycle.state is State.PERFORMED:\n        return {"allow": True}\n')),
    Fault("order paid", CREATE, "blocked", *before(ADMITS_TO_CREATE, "    holder = None if holder and holder.lifecycle.state is State.PERFORMED else holder\n"), without_index=True),
    # ── another pending transaction, not overdue ──
    Fault("other transaction pending", CHECK_PERFORM, "being-processed", *before(ADMITS_TO_LOOK, "    holder = None if holder and holder.lifecycle.state is State.CREATED else holder\n"), strict=True),
    Fault("other transaction pending", CREATE, "scenario-1", *before(ADMITS_TO_CREATE, "    holder = None if holder and holder.lifecycle.state is State.CREATED else holder\n"), without_index=True),
    Fault("other transaction pending, left to the index", CREATE, "race-of-buyers", *before(ADMITS_TO_CREATE, "    holder = None if holder and holder.lifecycle.state is State.CREATED else holder\n")),
    Fault("other transaction overdue", CHECK_PERFORM, "late-buyer-makes-room", *before(ADMITS_TO_LOOK, "    if holder and overdue(holder.lifecycle.time, now):\n        raise KeyError\n")),
    Fault("other transaction overdue", CREATE, "late-buyer-makes-room", METHODS, "        expire(connection, holder.payme_id, now)\n", "        pass\n"),
    Fault("other transaction overdue, order kept", CREATE, "late-buyer-makes-room", MACHINE, "Standing.OVERDUE: None,", "Standing.OVERDUE: PaymeError.ORDER_BUSY,", strict=True),
    # ── amount wrong ──
    Fault("amount wrong", CHECK_PERFORM, "wrong-amount", *before(ADMITS_TO_LOOK, "    call = params.CheckPerform(call.order_id, session.amount if session else None)\n")),
    Fault("amount wrong", CREATE, "wrong-amount", METHODS, ADMITS_TO_CREATE, "    session, amount = admit(session, holder, session.amount if session else None, now)\n"),
    # ── id unknown ──
    Fault("id unknown", CREATE, "awaiting-payment", *before(ADMITS_TO_CREATE, "    return Refusal(PaymeError.TRANSACTION_NOT_FOUND)\n")),
    Fault("id unknown", PERFORM, "unknown-transaction", *before(LOOKS_TO_PERFORM, UNKNOWN)),
    Fault("id unknown", CANCEL, "unknown-transaction", *before(LOOKS_TO_CANCEL, UNKNOWN)),
    Fault("id unknown", CHECK, "unknown-transaction", *before(f"    {REPORTS}", "    if found is None:\n        return {'state': 0}\n")),
    # ── state 1 ──
    Fault("state 1", CREATE, "scenario-1", *cell("created", "CREATE", "REFUSE")),
    Fault("state 1, answered with another time", CREATE, "scenario-1", METHODS, '"create_time": it.lifecycle.create_time,\n        "transaction"', '"create_time": it.lifecycle.create_time + __import__("time").perf_counter_ns(),\n        "transaction"'),
    Fault("state 1, order judged first", CREATE, "scenario-1", METHODS, "call.id):\n        _note", "call.id):\n        admit(*known, call.amount, now)\n        _note"),
    Fault("state 1", PERFORM, "scenario-2", *cell("created", "PERFORM", "STAY")),
    Fault("state 1", CANCEL, "scenario-1", *cell("created", "CANCEL", "STAY")),
    Fault("state 1, reason lost", CANCEL, "first-reason-stays", MACHINE, "now, cell.reason or reason)", "now, Reason.FAILED)"),
    Fault("state 1", CHECK, "scenario-1", METHODS, REPORTS, REPORTS.replace("(found)", "(found) | {'perform_time': 1}")),
    Fault("state 1, unset times as null", CHECK, "scenario-1", METHODS, REPORTS, REPORTS.replace("(found)", "(found) | {'perform_time': None}"), strict=True),
    # ── state 1, over 12 hours ──
    Fault("state 1, eleven hours old", PERFORM, "not-yet-late", MACHINE, "TIMEOUT: Final = 12 * HOUR", "TIMEOUT: Final = 10 * HOUR"),
    Fault("state 1, overdue", CREATE, "late-repetition", *cell("overdue", "CREATE", "STAY")),
    Fault("state 1, overdue", PERFORM, "late-perform", *cell("overdue", "PERFORM", "PERFORM")),
    Fault("state 1, overdue", CANCEL, "late-cancel", *cell("overdue", "CANCEL", "REFUSE")),
    Fault("state 1, overdue", CHECK, "late-cancel", *before(f"    {REPORTS}", "    if found and found.lifecycle.state == 1 and overdue(found.lifecycle.time, _now):\n        return Refusal(PaymeError.CANNOT_PERFORM)\n")),
    Fault("state 1, overdue, answered with a result", PERFORM, "late-perform", MACHINE, "Reason.TIMEOUT, PaymeError.CANNOT_PERFORM)", "Reason.TIMEOUT)"),
    Fault("state 1, overdue, with another reason", PERFORM, "late-perform", MACHINE, "Cell(State.CANCELLED, Reason.TIMEOUT, ", "Cell(State.CANCELLED, Reason.FAILED, "),
    Fault("state 1, overdue, nothing stored", PERFORM, "late-perform", *cell("overdue", "PERFORM", "REFUSE")),
    # ── state 2 ──
    Fault("state 2", CREATE, "create-after-perform", *cell("performed", "CREATE", "STAY")),
    Fault("state 2", PERFORM, "scenario-2", *cell("performed", "PERFORM", "REFUSE")),
    Fault("state 2, performed again", PERFORM, "delivered-three-times", *cell("performed", "PERFORM", "PERFORM")),
    Fault("state 2", CANCEL, "scenario-2", *cell("performed", "CANCEL", "STAY")),
    Fault("state 2, cancelled as if never performed", CANCEL, "scenario-2", *cell("performed", "CANCEL", "CANCEL")),
    Fault("state 2", CHECK, "scenario-2", METHODS, REPORTS, REPORTS.replace("(found)", "(found) | {'state': 1}")),
    # ── state −1 and −2 ──
    Fault("state −1", CREATE, "create-after-cancel", *cell("cancelled", "CREATE", "STAY")),
    Fault("state −1", PERFORM, "perform-after-cancel", *cell("cancelled", "PERFORM", "PERFORM")),
    Fault("state −1", CANCEL, "scenario-1", *cell("cancelled", "CANCEL", "REFUSE")),
    Fault("state −1, cancelled again", CANCEL, "first-reason-stays", *cell("cancelled", "CANCEL", "CANCEL")),
    Fault("state −1", CHECK, "scenario-1", METHODS, '        "reason": lifecycle.reason,\n', '        "reason": None,\n'),
    Fault("state −2", CREATE, "create-after-refund", *cell("reversed", "CREATE", "STAY")),
    Fault("state −2", PERFORM, "perform-after-refund", *cell("reversed", "PERFORM", "STAY")),
    Fault("state −2", CANCEL, "scenario-2", *cell("reversed", "CANCEL", "REFUSE")),
    Fault("state −2", CHECK, "refund-keeps-its-history", METHODS, '"perform_time": lifecycle.perform_time,', '"perform_time": lifecycle.perform_time * (lifecycle.state > 0),'),
]
# fmt: on

# fmt: off
BESIDES: Final = [
    # ── the transport and the envelope (spec 1) ──
    Fault("HTTP 200 for a refusal", EVERY, "wrong-authorization", DOOR, '"status": 200, "headers": headers', '"headers": headers, "status": 401 if b"-32504" in body else 200,'),
    Fault("HTTP 200 for an error", EVERY, "not-json", DOOR, '"status": 200, "headers": headers', '"headers": headers, "status": 400 if b"-32700" in body else 200,'),
    Fault("only POST", EVERY, "not-post", DOOR, 'if scope["method"] != "POST":', "if False:"),
    Fault("a body that is no JSON", EVERY, "not-json", RPC, "    except strict_json.NotJson:", "    except ZeroDivisionError:"),
    Fault("a body that is no JSON has a code of its own", EVERY, "not-json", DOOR, "PaymeError.NOT_JSON if", "PaymeError.INVALID_REQUEST if", strict=True),
    Fault("JSON that is no call", EVERY, "not-a-call", RPC, "if not isinstance(document, dict) or ", "if "),
    Fault("no method", EVERY, "not-a-call", RPC, "if not isinstance(name, str):", "if False:"),
    Fault("unknown method", EVERY, "unknown-method", RPC, "PaymeError.METHOD_NOT_FOUND", "PaymeError.INVALID_REQUEST"),
    Fault("id echoed", EVERY, "envelope", DOOR, "        visit.id = rpc.call_id(document)\n", ""),
    Fault("id echoed with its type", EVERY, "envelope", RPC, '"id": id_}', '"id": str(id_)}'),
    Fault("id echoed in an error", EVERY, "envelope", RPC, 'envelope | {"error": said}', '{"error": said}'),
    Fault("jsonrpc not needed", EVERY, "other-envelopes", RPC, 'name = document.get("method")', 'name = document.get("method") if "jsonrpc" in document else None'),
    Fault("any content type", EVERY, "other-envelopes", DOOR, "        is_payme = self", '        if (b"content-type", b"application/json; charset=UTF-8") not in scope["headers"]:\n            raise Refusal(PaymeError.INVALID_REQUEST)\n        is_payme = self'),
    Fault("words in three languages", EVERY, "unknown-account", RPC, '"message": error.message', '"message": error.en'),
    Fault("data names the field", EVERY, "unknown-account", RPC, "data = account_field if error in ABOUT_THE_ACCOUNT else answer.data", "data = answer.data"),
    # ── the credential (spec 1.3) ──
    Fault("the login counts", EVERY, "not-the-credential", KEYS, COMPARES, "credential.partition(b':')[2] == accepted.partition(b':')[2]"),
    Fault("the first colon divides", EVERY, "not-the-credential", KEYS, COMPARES, "credential.rpartition(b':')[2] == accepted.rpartition(b':')[2]"),
    Fault("the whole key", EVERY, "not-the-credential", KEYS, COMPARES, "credential and accepted.startswith(credential)"),
    Fault("byte for byte", EVERY, "not-the-credential", KEYS, COMPARES, "credential.strip() == accepted"),
    Fault("Basic only", EVERY, "not-the-credential", CALLER, "or authorization[0][: len(SCHEME)].lower() != SCHEME", ""),
    Fault("some header", EVERY, "wrong-authorization", CALLER, "        if key is None:", "        if key is None and headers(scope, b'authorization'):"),
    # ── the methods (spec 2) ──
    Fault("12 hours, not more", EVERY, "late-perform", MACHINE, "TIMEOUT: Final = 12 * HOUR", "TIMEOUT: Final = 13 * HOUR"),
    Fault("12 hours, not less", EVERY, "late-cancel", MACHINE, "TIMEOUT: Final = 12 * HOUR", "TIMEOUT: Final = 11 * HOUR"),
    Fault("from Payme's time", PERFORM, "late-perform", MACHINE, "if overdue(lifecycle.time, now):", "if overdue(lifecycle.create_time, now):"),
    Fault("born late", CREATE, "born-late", METHODS, "    if overdue(call.time, now):\n", "    if False:\n", strict=True),
    Fault("writes nothing", CHECK_PERFORM, "awaiting-payment", METHODS, 'check_perform_transaction, runs="read")', "lambda c, p, n: create_transaction(c, params.Create(str(id(p)), n, p.order_id, p.amount, '{}'), n) and {'allow': True})"),
    Fault("allow is a boolean", CHECK_PERFORM, "awaiting-payment", METHODS, '{"allow": True}', '{"allow": 1}'),
    Fault("a cancelled transaction lets go of its order", CREATE, "next-try-after-a-declined-card", *before(ADMITS_TO_CREATE, "    if session and transactions.newest(connection, session.id):\n        return Refusal(PaymeError.ORDER_NOT_PAYABLE)\n")),
    Fault("amounts are whole numbers", CREATE, "malformed-amount", "money.py", "if type(value) is int and 0 < value", "value = int(value or 0)\n    if 0 < value"),
    Fault("amounts to the tiyin", EVERY, "amounts-to-the-tiyin", METHODS, "if amount != session.amount:", "if amount is None or amount / 100 != int(session.amount / 100):"),
    Fault("every reason", CANCEL, "every-reason", PARAMS, "abs(reason) > INT64_MAX", "reason not in {2, 3, 4, 5}"),
    Fault("milliseconds", PERFORM, "scenario-2", METHODS, '"perform_time": it.lifecycle.perform_time,\n        "state"', '"perform_time": it.lifecycle.perform_time // 1000,\n        "state"'),
    Fault("UTC", CREATE, "times-are-now", METHODS, "time=call.time, create_time=now)", "time=call.time, create_time=Millis(now - 18_000_000))"),
    Fault("transaction is a string", CHECK, "scenario-1", METHODS, '        "transaction": transaction.transaction,', '        "transaction": transaction.number,', strict=True),
    # ── the statement (spec 4) ──
    Fault("from included", STATEMENT, "statement-by-paymes-time", ROWS, 'tuple_(table.c.time, table.c.number) > tuple_(_whole("from_"), _whole("after"))', 'table.c.time > bindparam("from_")'),
    Fault("to included", STATEMENT, "statement-by-paymes-time", ROWS, 'table.c.time <= bindparam("to")', 'table.c.time < bindparam("to")'),
    Fault("by Payme's time", STATEMENT, "statement-by-paymes-time", ROWS, 'tuple_(table.c.time, table.c.number) > tuple_(_whole("from_"), _whole("after")),\n        table.c.time <= bindparam("to")', 'table.c.create_time >= bindparam("from_"), table.c.create_time <= bindparam("to")'),
    Fault("oldest first", STATEMENT, "statement-of-all-states", ROWS, ".order_by(table.c.time, table.c.number)", ".order_by(table.c.time.desc())"),
    Fault("every state", STATEMENT, "statement-of-all-states", METHODS, "for row in page]", "for row in page if row.lifecycle.state == 2]"),
    Fault("an empty list", STATEMENT, "statement-of-nothing", METHODS, "    return StatementPage(", "    if not page:\n        return Refusal(PaymeError.TRANSACTION_NOT_FOUND)\n    return StatementPage("),
    Fault("Payme's id", STATEMENT, "statement-rows", METHODS, '        "id": transaction.payme_id,\n        "time"', '        "time"'),
    Fault("whole tiyin", STATEMENT, "statement-rows", METHODS, '"amount": transaction.amount,\n        "account"', '"amount": float(transaction.amount),\n        "account"'),
    Fault("Payme's time in the row", STATEMENT, "statement-rows", METHODS, '"time": transaction.lifecycle.time,', '"time": transaction.lifecycle.create_time,'),
    Fault("the account as it came", STATEMENT, "statement-rows", METHODS, '"account": strict_json.decode(transaction.account.encode("ascii")),', '"account": transaction.order_id,'),
    Fault("nothing of a refused one", STATEMENT, "statement-of-nothing", METHODS, "for row in page]", "for row in page] + [{'id': 1}]"),
    # ── the shop (spec 2.7, 2.8) ──
    Fault("the shop hears of a payment", PERFORM, "scenario-2", MACHINE, "    (State.CREATED, State.PERFORMED): Topic.AUTHORIZE,\n", ""),
    Fault("the shop hears of a refund", CANCEL, "scenario-2", MACHINE, "    (State.PERFORMED, State.REVERSED): Topic.CANCEL,\n", ""),
    Fault("a shop that fails is told later", PERFORM, "shop-fails-for-a-moment", "session_bridge/backend.py", "OUTCOMES.get(response.status_code, Outcome.UNKNOWN)", "Outcome.DELIVERED"),
    Fault("a fiscal receipt may come twice", "SetFiscalData", "fiscal-receipt", ROWS, "    if connection.execute(FIND_RECEIPT, which).first():", "    if False:"),
]
# fmt: on

FAULTS: Final = [*MATRIX, *BESIDES]


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("migrated") / "sidecar.db"
    migrate(f"sqlite:///{file}")
    return file


def certify_copy(folder: Path, migrated: Path, fault: Fault | None = None) -> dict[str, Any]:
    """Copy the sidecar, put the fault in, and let another process certify that copy."""
    copied = folder / "house"
    shutil.copytree(ROOT / "sidecar", copied / "sidecar", ignore=shutil.ignore_patterns("__pycache__"))
    database = Path(shutil.copy(migrated, folder / "sidecar.db"))
    if fault:
        file = copied / "sidecar" / fault.file
        text = file.read_text()
        assert text.count(fault.was) == 1, f"{fault.file} has {text.count(fault.was)} × {fault.was!r}"
        file.write_text(text.replace(fault.was, fault.becomes))
        if fault.without_index:
            with sqlite3.connect(database) as connection:
                connection.execute("DROP INDEX one_live_transaction_per_order")
            connection.close()
    names = [fault.scenario] if fault else []
    text = certify_in_a_process_of_its_own(copied, database, names, strict=fault is not None and fault.strict)
    found: dict[str, Any] = json.loads(text)
    return found


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_fault_is_found_by_the_scenario_that_is_named_for_it(fault: Fault, tmp_path: Path, migrated: Path) -> None:
    report = certify_copy(tmp_path, migrated, fault)

    assert {it["name"]: it["verdict"] for it in report["scenarios"]} == {fault.scenario: "failed"}


def test_in_a_copy_without_a_fault_nothing_is_found(tmp_path: Path, migrated: Path) -> None:
    report = certify_copy(tmp_path, migrated)

    assert (report["failed"], report["not_run"]) == (0, 0)


def test_no_fault_is_in_the_table_twice() -> None:
    names = [fault.name for fault in FAULTS]

    assert len(set(names)) == len(names)
