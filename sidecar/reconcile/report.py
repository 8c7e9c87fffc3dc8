"""What was found, for a person, a program or a spreadsheet."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import groupby, islice
from typing import Any, Final

from sidecar import days
from sidecar.clock import Millis
from sidecar.money import soum
from sidecar.reconcile.comparison import Disagreement
from sidecar.reconcile.desk import Desk, Sum
from sidecar.reconcile.kinds import WORDS
from sidecar.reconcile.period import Period
from sidecar.reconcile.reconciliation import Outcome
from sidecar.reconcile.tables import WRITERS, Cell, Format, Sink, Soum

LINES_MAX: Final = 50  # of one kind in the text; the tables have all

HEADINGS: Final = (
    *("kind", "meaning", "time", "payme_id", "session_id", "order_id", "amount_tiyin", "amount_soum"),
    *("other_amount_tiyin", "other_amount_soum", "detail", "what_to_do"),
)


@dataclass(frozen=True)
class Report:
    period: Period
    outcome: Outcome
    desk: Desk

    def summary(self) -> Iterator[str]:
        """Give lines: the period, each book's sums, what is still open, and how many disagreements there are."""
        yield f"{self.period} (Tashkent)"
        for book, totals in self.outcome.totals.items():
            yield f"  {book + ':':<18} paid {_sum(totals.kept)}; refunded {_sum(totals.returned)}"
        for left, count in self.outcome.open.items():
            yield f"  Left open: {count} {left.why}"
        found = self.desk.found
        yield "All agree." if not found else f"{found} disagreement{'s' if found > 1 else ''}."

    def text(self) -> Iterator[str]:
        yield from self.summary()
        for kind, group in groupby(self.desk.findings(), lambda found: found.kind):
            yield ""
            yield f"{WORDS[kind].says}  [{kind}]"
            yield from (f"  {_line(found)}" for found in islice(group, LINES_MAX))
            if more := sum(1 for _ in group):
                yield f"  … and {more} more; --format csv has them all"
            yield f"  → {WORDS[kind].do}"

    def write_text(self, file: Sink) -> None:
        for line in self.text():
            file.write(f"{line}\n".encode())

    def write_json(self, file: Sink) -> None:
        """Write one document: the period, the sums, what is open, every disagreement. Amounts are tiyin."""
        head = {
            "from": self.period.start,
            "to": self.period.end,
            "totals": {
                book: {name: total._asdict() for name, total in totals._asdict().items()}
                for book, totals in self.outcome.totals.items()
            },
            "open": {left.why: count for left, count in self.outcome.open.items()},
            "agree": not self.desk.found,
        }
        before = f'{json.dumps(head, ensure_ascii=False)[:-1]}, "disagreements": ['
        for found in self.desk.findings():
            file.write(f"{before}\n{json.dumps(_object(found), ensure_ascii=False)}".encode())
            before = ","
        file.write((before.removesuffix(",") + "\n]}\n").encode() if not self.desk.found else b"\n]}\n")

    def write_table(self, file: Sink, kind: Format) -> None:
        writer = WRITERS[kind](file, HEADINGS)
        for found in self.desk.findings():
            writer.write(_row(found))
        writer.end()


WAYS: Final[dict[str, Callable[[Report, Sink], None]]] = {
    "text": Report.write_text,
    "json": Report.write_json,
    "csv": lambda report, file: report.write_table(file, Format.CSV),
    "xlsx": lambda report, file: report.write_table(file, Format.XLSX),
}


def _sum(of: Sum) -> str:
    return f"{of.payments}, {soum(of.amount)} so‘m"


def _line(found: Disagreement) -> str:
    amount = found.amount if found.amount is not None else found.other_amount
    said = (
        _moment(found.time),
        "" if amount is None else soum(amount),
        f"transaction {found.payme_id}" if found.payme_id else "",
        f"session {found.session_id}" if found.session_id else "",
        f"order {found.order_id}" if found.order_id and found.order_id != found.session_id else "",
        found.detail,
    )
    return "  ".join(filter(None, said))


def _row(found: Disagreement) -> list[Cell]:
    says, do = WORDS[found.kind]
    return [
        found.kind,
        says,
        _moment(found.time),
        found.payme_id,
        found.session_id,
        found.order_id,
        found.amount,
        "" if found.amount is None else Soum(found.amount),
        found.other_amount,
        "" if found.other_amount is None else Soum(found.other_amount),
        found.detail,
        do,
    ]


def _object(found: Disagreement) -> dict[str, Any]:
    says, do = WORDS[found.kind]
    return found._asdict() | {"meaning": says, "what_to_do": do}


def _moment(moment: Millis | None) -> str:
    return days.said(moment) if moment else ""
