"""One call to an endpoint, and what it says of it."""

from typing import Any

import pytest

from payme_sandbox.calls import Call
from payme_sandbox.diagnosis import Diagnosis, Finding, diagnose


def error(code: int) -> dict[str, Any]:
    return {"id": 1, "error": {"code": code, "message": {}}}


@pytest.mark.parametrize(
    ("status", "came", "diagnosis", "works"),
    [
        (None, "All connection attempts failed", Diagnosis(Finding.SILENT, "All connection attempts failed"), False),
        (301, "", Diagnosis(Finding.REDIRECT, status=301), False),
        (308, "", Diagnosis(Finding.REDIRECT, status=308), False),
        (401, error(-32504), Diagnosis(Finding.UNAUTHORIZED, status=401), False),
        (403, "", Diagnosis(Finding.UNAUTHORIZED, status=403), False),
        (404, "<h1>Not Found</h1>", Diagnosis(Finding.NOT_FOUND, status=404), False),
        (405, "", Diagnosis(Finding.NOT_POST, status=405), False),
        (419, "", Diagnosis(Finding.STATUS, status=419), False),
        (500, error(-32400), Diagnosis(Finding.BROKEN, status=500), False),
        (502, "", Diagnosis(Finding.BROKEN, status=502), False),
        (200, "<h1>It works!</h1>", Diagnosis(Finding.NOT_JSON, "text"), False),
        (200, [1], Diagnosis(Finding.NOT_JSON, "JSON, but no object"), False),
        (200, {"ok": True}, Diagnosis(Finding.NOT_RPC), False),
        (200, error(-32504), Diagnosis(Finding.WRONG_KEY, "-32504"), False),
        (200, error(-32400), Diagnosis(Finding.SYSTEM, "-32400"), False),
        (200, error(-31050), Diagnosis(Finding.ODD_ERROR, "-31050"), True),
        (200, {"id": 1, "result": {"state": 2}}, Diagnosis(Finding.KNOWS_EVERYTHING, "state 2"), True),
        (200, error(-31003), Diagnosis(Finding.READY, "-31003"), True),
    ],
)
def test_an_answer_says_what_is_wrong_with_the_endpoint(
    status: int | None, came: Any, diagnosis: Diagnosis, works: bool
) -> None:
    found = diagnose(Call("CheckTransaction", {}, status, came))

    assert (found, found.works) == (diagnosis, works)


def test_a_finding_is_said_in_a_sentence_without_blanks() -> None:
    silent = Diagnosis(Finding.SILENT, "All connection attempts failed")

    assert silent.sentence("http://shop.uz") == "Nothing answers at http://shop.uz (All connection attempts failed)."
    assert not any("{" in Diagnosis(finding).sentence("") for finding in Finding)
