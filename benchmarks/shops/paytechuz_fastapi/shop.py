"""The package's webhook handler in a FastAPI shop, its order model, its reactions, and the side door."""

import os
from collections.abc import Iterator
from decimal import Decimal
from typing import Annotated, Any

from fastapi import Depends, FastAPI, HTTPException, Request, Response
from paytechuz.integrations.fastapi import PaymeWebhookHandler, run_migrations
from pydantic import BaseModel, Field, StrictBool, StrictInt
from sqlalchemy import Column, Integer, Numeric, String, create_engine, func, select
from sqlalchemy.orm import Session, declarative_base, sessionmaker

PAID, CANCELLED = "paid", "cancelled"

engine = create_engine(os.environ["DATABASE_URL"])
Base: Any = declarative_base()


class Order(Base):
    __tablename__ = "orders"

    id = Column(Integer, primary_key=True, index=True)
    product_name = Column(String, index=True)
    amount = Column(Numeric(12, 2))
    status = Column(String, default="pending")


class Telling(Base):
    """What the shop was told about an order."""

    __tablename__ = "tellings"

    id = Column(Integer, primary_key=True)
    order_id = Column(Integer, index=True)
    topic = Column(String)


class Break(Base):
    """While there is a row, the shop's reaction to "paid" is broken, in every worker."""

    __tablename__ = "breaks"

    id = Column(Integer, primary_key=True)


run_migrations(engine)
Base.metadata.create_all(bind=engine)

SessionLocal = sessionmaker(autocommit=False, autoflush=False, bind=engine)
app = FastAPI()


def get_db() -> Iterator[Session]:
    db = SessionLocal()
    try:
        yield db
    finally:
        db.close()


Database = Annotated[Session, Depends(get_db)]


class HookBroken(Exception):
    """What a failure in the merchant's own code looks like to the package."""


class Handler(PaymeWebhookHandler):
    def successfully_payment(self, params: dict[str, Any], transaction: Any) -> None:
        if self.db.query(Break).first():
            raise HookBroken("the shop's own reaction is broken, as it was asked to be")
        self._react(transaction.account_id, PAID, tell=True)

    def cancelled_payment(self, params: dict[str, Any], transaction: Any) -> None:
        # A payment that was taken back is told; an attempt that was given up is not.
        self._react(transaction.account_id, CANCELLED, tell=transaction.performed_at is not None)

    def _react(self, order_id: str, topic: str, *, tell: bool) -> None:
        order = self.db.query(Order).filter(Order.id == int(order_id)).first()
        order.status = topic
        if tell:
            self.db.add(Telling(order_id=order.id, topic=topic))
        self.db.commit()


@app.post("/payme")
async def payme(request: Request, db: Database) -> Response:
    handler = Handler(
        db=db,
        payme_id=os.environ["PAYME_ID"],
        payme_key=os.environ["PAYME_KEY"],
        account_model=Order,
        account_field="id",
        amount_field="amount",
    )
    return await handler.handle_webhook(request)


class Wanted(BaseModel):
    amount: Annotated[StrictInt, Field(gt=0)]


class Switch(BaseModel):
    works: StrictBool


@app.post("/orders", status_code=201)
def new_order(wanted: Wanted, db: Database) -> dict[str, Any]:
    order = Order(product_name="tea", amount=Decimal(wanted.amount) / 100)
    db.add(order)
    db.commit()
    return {"account": {"id": str(order.id)}, "amount": wanted.amount}


@app.get("/orders")
def told(id: int, db: Database) -> dict[str, int]:  # noqa: A002 - the account field is called so
    if db.get(Order, id) is None:
        raise HTTPException(404, "no such order")
    count = select(func.count()).select_from(Telling).where(Telling.order_id == id)
    return {topic: db.scalar(count.where(Telling.topic == topic)) or 0 for topic in (PAID, CANCELLED)}


@app.post("/hook")
def hook(switch: Switch, db: Database) -> dict[str, Any]:
    db.query(Break).delete()
    if not switch.works:
        db.add(Break())
    db.commit()
    return {}
