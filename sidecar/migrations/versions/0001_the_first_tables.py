"""The first tables: payment sessions, Payme's transactions and fiscal receipts, the outbox."""

from typing import Final

import sqlalchemy as sa
from alembic import op

revision: Final = "0001"
down_revision: Final = None

NUMBER: Final = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

TIMES_AGREE_WITH_STATE: Final = """
    (state = 1  AND perform_time = 0 AND cancel_time = 0 AND reason IS NULL) OR
    (state = 2  AND perform_time > 0 AND cancel_time = 0 AND reason IS NULL) OR
    (state = -1 AND perform_time = 0 AND cancel_time > 0 AND reason IS NOT NULL) OR
    (state = -2 AND perform_time > 0 AND cancel_time > 0 AND reason IS NOT NULL)
"""


def upgrade() -> None:
    payment_session()
    payme_transaction()
    payme_fiscal_receipt()
    outbox_message()


def payment_session() -> None:
    op.create_table(
        "payment_session",
        sa.Column("id", sa.String(128), primary_key=True),
        sa.Column("order_id", sa.String(128), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency_code", sa.String(3), nullable=False),
        sa.Column("locale", sa.String(16)),
        sa.Column("country_code", sa.String(2)),
        sa.Column("created_time", sa.BigInteger(), nullable=False),
        sa.Column("closed_time", sa.BigInteger()),
        sa.UniqueConstraint("id", "order_id", name="payment_session_id_order_id"),
        sa.CheckConstraint("amount > 0", name="an_amount_is_positive"),
        sa.CheckConstraint("closed_time >= created_time", name="closed_after_created"),
    )
    partial_index("one_open_session_per_order", "payment_session", ["order_id"], "closed_time IS NULL", unique=True)
    op.create_index("payment_session_order_id", "payment_session", ["order_id"])


def payme_transaction() -> None:
    op.create_table(
        "payme_transaction",
        sa.Column("number", NUMBER, primary_key=True, autoincrement=True),
        sa.Column("payme_id", sa.String(64), nullable=False, unique=True),
        sa.Column("session_id", sa.String(128), nullable=False),
        sa.Column("order_id", sa.String(128), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("state", sa.SmallInteger(), nullable=False),
        sa.Column("time", sa.BigInteger(), nullable=False),
        sa.Column("create_time", sa.BigInteger(), nullable=False),
        sa.Column("perform_time", sa.BigInteger(), nullable=False),
        sa.Column("cancel_time", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.BigInteger()),
        sa.ForeignKeyConstraint(
            ["session_id", "order_id"],
            ["payment_session.id", "payment_session.order_id"],
            name="payme_transaction_session",
        ),
        sa.CheckConstraint("amount > 0", name="an_amount_is_positive"),
        sa.CheckConstraint(TIMES_AGREE_WITH_STATE, name="times_agree_with_state"),
        sa.CheckConstraint(
            "time > 0 AND create_time > 0 AND "
            "(perform_time = 0 OR perform_time >= create_time) AND "
            "(cancel_time = 0 OR cancel_time >= create_time AND cancel_time >= perform_time)",
            name="times_go_forward",
        ),
    )
    partial_index("one_live_transaction_per_order", "payme_transaction", ["order_id"], "state != -1", unique=True)
    partial_index("payme_transaction_pending", "payme_transaction", ["time"], "state = 1")
    op.create_index("payme_transaction_session_id", "payme_transaction", ["session_id", "number"])
    op.create_index("payme_transaction_time", "payme_transaction", ["time", "number"])


def payme_fiscal_receipt() -> None:
    op.create_table(
        "payme_fiscal_receipt",
        sa.Column(
            "transaction_number",
            sa.BigInteger(),
            sa.ForeignKey("payme_transaction.number"),
            primary_key=True,
            autoincrement=False,
        ),
        sa.Column("type", sa.String(8), primary_key=True),
        sa.Column("fiscal_data", sa.Text(), nullable=False),
        sa.Column("received_time", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("type IN ('PERFORM', 'CANCEL')", name="a_type_we_know"),
    )


def outbox_message() -> None:
    op.create_table(
        "outbox_message",
        sa.Column("number", NUMBER, primary_key=True, autoincrement=True),
        sa.Column("session_id", sa.String(128), sa.ForeignKey("payment_session.id"), nullable=False),
        sa.Column("topic", sa.String(16), nullable=False),
        sa.Column("transaction_id", sa.String(64), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("created_time", sa.BigInteger(), nullable=False),
        sa.Column("due_time", sa.BigInteger(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("last_answer", sa.Text(), nullable=False),
        sa.UniqueConstraint("transaction_id", "topic", name="one_message_per_move"),
        sa.CheckConstraint("topic IN ('authorize', 'cancel')", name="a_topic_we_know"),
        sa.CheckConstraint("state IN ('waiting', 'parked', 'delivered', 'withdrawn')", name="a_state_we_know"),
    )
    partial_index("outbox_message_due", "outbox_message", ["due_time"], "state = 'waiting'")
    partial_index(
        "outbox_message_undelivered",
        "outbox_message",
        ["session_id", "number"],
        "state IN ('waiting', 'parked')",
    )


def partial_index(name: str, table: str, columns: list[str], where: str, *, unique: bool = False) -> None:
    op.create_index(name, table, columns, unique=unique, sqlite_where=sa.text(where), postgresql_where=sa.text(where))
