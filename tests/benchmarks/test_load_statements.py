"""The script for pgbench is what the sidecar says for a payment, and pgbench can play it."""

from benchmarks.load.ground import PostgresLand
from benchmarks.load.pgbench import pgbench
from benchmarks.load.statements import Known, Statement, captured, script
from demo_shop.postgres import LocalPostgres

KNOWN = Known(order="1000002", payme_id="f" * 24, begun=1_795_000_000_000)


def test_words_of_one_payment_become_variables_and_the_rest_stays() -> None:
    said = [
        Statement("SELECT * FROM payment_session WHERE order_id = $1", {1: "1000002"}),
        Statement("INSERT INTO payme_transaction VALUES ($1, $2, $3, $4) RETURNING number", _values()),
        Statement("UPDATE payme_transaction SET state = $1 WHERE number = $2", {1: "2", 2: "7700001"}),
        Statement("INSERT INTO outbox_message VALUES ($1);", {1: '{"amount":5000000,"it\'s":"tea"}'}),
    ]

    lines = script(said, KNOWN).split("\n\n")[1].splitlines()

    assert lines == [
        "SELECT * FROM payment_session WHERE order_id = :order;",
        "INSERT INTO payme_transaction VALUES (:id, :now, NULL, '1') RETURNING number \\gset tx_",
        "UPDATE payme_transaction SET state = '2' WHERE number = :tx_number;",
        """INSERT INTO outbox_message VALUES ('{"amount": 5000000,"it''s":"tea"}');""",
    ]


def test_pgbench_plays_what_the_sidecar_said(postgres_server: LocalPostgres) -> None:
    said = captured()

    with pgbench(PostgresLand(postgres_server), said) as bench:
        sample = bench.play(1)

    assert "INSERT INTO payme_transaction" in said
    assert "INSERT INTO outbox_message" in said
    assert "$1" not in said
    assert sample.figures["payments/s"] > 0


def _values() -> dict[int, str | None]:
    return {1: "f" * 24, 2: "1795000000123", 3: None, 4: "1"}
