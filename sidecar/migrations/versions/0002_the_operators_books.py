"""The operator's books: what Payme asked, how the backend was told, what a person did; and the fiscal lines."""

from typing import Final

import sqlalchemy as sa
from alembic import op

revision: Final = "0002"
down_revision: Final = "0001"

NUMBER: Final = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("payment_session", sa.Column("detail", sa.Text()))
    op.create_index("payment_session_created_time", "payment_session", ["created_time", "id"])
    op.create_index(
        "payme_transaction_cancelled",
        "payme_transaction",
        ["cancel_time"],
        sqlite_where=sa.text("cancel_time > 0"),
        postgresql_where=sa.text("cancel_time > 0"),
    )
    op.create_index(
        "outbox_message_parked",
        "outbox_message",
        ["number"],
        sqlite_where=sa.text("state = 'parked'"),
        postgresql_where=sa.text("state = 'parked'"),
    )
    provider_call()
    delivery_attempt()
    operator_action()


def provider_call() -> None:
    op.create_table(
        "provider_call",
        sa.Column("number", NUMBER, primary_key=True, autoincrement=True),
        sa.Column("provider", sa.String(16), nullable=False),
        sa.Column("time", sa.BigInteger(), nullable=False),
        sa.Column("method", sa.String(64), nullable=False),
        sa.Column("transaction_id", sa.String(64)),
        sa.Column("order_id", sa.String(128)),
        sa.Column("amount", sa.BigInteger()),
        sa.Column("code", sa.Integer(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("microseconds", sa.BigInteger(), nullable=False),
        sa.Column("caller", sa.String(64), nullable=False),
    )
    op.create_index("provider_call_time", "provider_call", ["time", "number"])
    op.create_index("provider_call_method", "provider_call", ["method", "time", "number"])
    call_index("provider_call_refused", "code != 0")
    call_index("provider_call_transaction_id", "transaction_id IS NOT NULL", "transaction_id")
    call_index("provider_call_order_id", "order_id IS NOT NULL", "order_id")


def delivery_attempt() -> None:
    op.create_table(
        "delivery_attempt",
        sa.Column("number", NUMBER, primary_key=True, autoincrement=True),
        sa.Column("time", sa.BigInteger(), nullable=False),
        sa.Column("message_number", sa.BigInteger(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(16), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("microseconds", sa.BigInteger(), nullable=False),
    )
    op.create_index("delivery_attempt_time", "delivery_attempt", ["time", "number"])
    op.create_index("delivery_attempt_message_number", "delivery_attempt", ["message_number", "number"])


def operator_action() -> None:
    op.create_table(
        "operator_action",
        sa.Column("number", NUMBER, primary_key=True, autoincrement=True),
        sa.Column("time", sa.BigInteger(), nullable=False),
        sa.Column("operator", sa.String(64), nullable=False),
        sa.Column("caller", sa.String(64), nullable=False),
        sa.Column("action", sa.String(32), nullable=False),
        sa.Column("subject", sa.String(128), nullable=False),
        sa.Column("outcome", sa.String(64), nullable=False),
    )
    op.create_index("operator_action_subject", "operator_action", ["subject", "number"])


def call_index(name: str, condition: str, *first: str) -> None:
    where = sa.text(condition)
    op.create_index(name, "provider_call", [*first, "time", "number"], sqlite_where=where, postgresql_where=where)
