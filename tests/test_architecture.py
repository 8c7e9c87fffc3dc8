"""The floor plan: a module imports only from floors below its own, and rooms on one floor do not see each other."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

# From the ground up. Modules on one line are neighbours and blind to each other.
HOUSE = """
vocabulary clock money strict_json body qr keys origin seldom heartbeat
days
settings fiscal
database
database_clock database_faults
payment_sessions outbox journal providers
metrics
doorkeeper scribe
payme_merchant session_bridge payments_api
schema logs connections figures
health stats journal_screen reconcile console
openapi
app server doctor
cli
__main__
"""
# Inside Payme's room, the same rule in small.
PAYME_MERCHANT = """
errors
machine params checkout caller
transactions diagram
methods
rpc provider sweep
door
"""
SESSION_BRIDGE = """
backend
relay
"""
DOCTOR = """
finding asking
suspicion disk books certificate
backend shoppers door
visit chart doorstep
"""
# The operator's pages: words and what a browser holds, what is read, the pages, who may enter, the rooms.
CONSOLE = """
languages tickets patience periods assets payments messages
texts story
pages
guard
reception rooms
site
"""
# The accountant's room: what the books hold, how each is read, the table they are laid on, what is told of it.
RECONCILE = """
period books kinds columns tables watch
ledger comparison backend_book sheets output
cabinet statement desk
reconciliation
report
clerk
"""
# Payme in a box: what both rooms know, then the rooms. The counter has a page that runs the scenarios.
PAYME_SANDBOX = """
protocol clock link redaction doorstep languages
calls
merchant diagnosis
certification
counter pytest_plugin errand
cli
__main__
"""
CERTIFICATION = """
expectations orders
stage
scenario
preflight scenarios
run
report
screen
"""
COUNTER = """
cashbox defects digest forms guard receipts texts
pages visits books
cashier notices
desk
cabinet checkout rehearsal
certificate
site
serve
"""
# The real shop: sources at the bottom, the demo on top. The tests of the real Medusa come in by `server`.
DEMO_SHOP_MEDUSA = """
sources cache node settings
toolbox
plugin project storefront seed
preparation
server
house store
walk
demo
"""

# The load bench: what is played and read, the crowd, who is visited, the sections, and the page of what was found.
BENCHMARKS_LOAD = """
payment wire meter figures machine backend
crowd tables
ground
stalls
rounds
statements pgbench profile
race
openloop workers growth soak
delivery goals pictures
page
__main__
"""

# The fault suite: what is looked at, the town where it happens, the faults, and the errand that puts them in.
FAULTS = """
http books with_a_clock
wire check databases payme sidecars
postgres postgres_wire backend lives
town
fault moments
process_faults race_faults backend_faults database_faults
backlog_faults clock_faults disk_faults
catalogue run
page
__main__
"""
# The site: where links lead, the pages made of READMEs and settings, and what MkDocs calls.
HANDBOOK = """
links settings_tables
anchors
hooks
"""


def imports(file: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def rooms(folder: Path) -> dict[str, set[str]]:
    """Every module of a folder (a subfolder counts as one) and what it imports."""
    found: dict[str, set[str]] = {}
    for file in folder.rglob("*.py"):
        room = file.relative_to(folder).parts[0].removesuffix(".py")
        if room not in {"__init__", "migrations"}:
            found.setdefault(room, set()).update(imports(file))
    return found


@pytest.mark.parametrize(
    ("package", "plan"),
    [
        ("sidecar", HOUSE),
        ("sidecar.payme_merchant", PAYME_MERCHANT),
        ("sidecar.session_bridge", SESSION_BRIDGE),
        ("sidecar.reconcile", RECONCILE),
        ("sidecar.console", CONSOLE),
        ("sidecar.doctor", DOCTOR),
        ("payme_sandbox", PAYME_SANDBOX),
        ("payme_sandbox.certification", CERTIFICATION),
        ("payme_sandbox.counter", COUNTER),
        ("demo_shop.medusa", DEMO_SHOP_MEDUSA),
        ("benchmarks.load", BENCHMARKS_LOAD),
        ("faults", FAULTS),
        ("handbook", HANDBOOK),
    ],
)
def test_a_module_imports_only_from_floors_below_its_own(package: str, plan: str) -> None:
    floors = {room: floor for floor, line in enumerate(plan.strip().splitlines()) for room in line.split()}
    found = rooms(ROOT.joinpath(*package.split(".")))
    assert set(found) == set(floors), "the plan and the folder differ"

    for room, imported in found.items():
        seen = {name.removeprefix(f"{package}.").split(".")[0] for name in imported if name.startswith(f"{package}.")}
        for other in seen & set(floors) - {room}:
            assert floors[other] < floors[room], f"{package}.{room} sees {other}"


def test_what_decides_cannot_wait() -> None:
    """The machine imports nothing that talks, stores or reads a clock."""
    machine = imports(ROOT / "sidecar/payme_merchant/machine.py")

    assert {name.split(".")[0] for name in machine} == {"dataclasses", "enum", "typing", "sidecar"}
    assert {name for name in machine if name.startswith("sidecar")} == {
        "sidecar.clock.HOUR",
        "sidecar.clock.Millis",
        "sidecar.clock.NEVER",
        "sidecar.payme_merchant.errors.PaymeError",
        "sidecar.vocabulary.Topic",
    }


# A contestant of the race and a process of its own: our app with one part taken away cannot be had from outside.
INSIDERS = {ROOT / "benchmarks/shops/payme_sidecar/variants.py"}


@pytest.mark.parametrize(
    ("house", "stranger"),
    [
        ("storefront_callback", "sidecar"),
        ("storefront_callback", "demo_shop"),
        ("demo_shop", "sidecar"),
        ("demo_shop", "storefront_callback"),
        ("payme_sandbox", "sidecar"),
        ("payme_sandbox", "storefront_callback"),
        ("payme_sandbox", "demo_shop"),
        ("benchmarks", "sidecar"),
        ("faults", "sidecar"),
        ("faults", "tests"),
    ],
)
def test_the_houses_next_door_speak_over_http_only(house: str, stranger: str) -> None:
    for file in set((ROOT / house).rglob("*.py")) - INSIDERS:
        assert not any(name.split(".")[0] == stranger for name in imports(file)), file


def test_the_small_demo_knows_nothing_of_the_one_with_medusa() -> None:
    for file in (ROOT / "demo_shop").glob("*.py"):
        assert not any(name.startswith("demo_shop.medusa") for name in imports(file)), file


def test_the_sidecar_knows_its_neighbours_at_its_command_line_only() -> None:
    for file in (ROOT / "sidecar").rglob("*.py"):
        knows = {name.split(".")[0] for name in imports(file)} & {"storefront_callback", "demo_shop", "payme_sandbox"}
        assert not knows or file.name == "cli.py"


def test_no_float_comes_near_money() -> None:
    """Amounts go through `money.tiyin`; nobody else converts, rounds or divides."""
    for file in (ROOT / "sidecar").rglob("*.py"):
        calls = [node.func for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.Call)]
        names = {call.id for call in calls if isinstance(call, ast.Name)}
        assert "Decimal" not in names
        assert "float" not in names or file.name == "strict_json.py"


def test_the_environment_is_read_at_the_door_only() -> None:
    for package in ("sidecar", "storefront_callback"):
        for file in (ROOT / package).rglob("*.py"):
            assert not {"os.environ", "os.getenv"} & imports(file)
            assert "os.environ" not in file.read_text(), file
