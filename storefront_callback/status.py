"""What the sidecar knows of a payment, asked until it is decided or our patience ends."""

import asyncio
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final, Literal

import httpx
import structlog
from pydantic import BaseModel, ConfigDict
from tenacity import (
    AsyncRetrying,
    RetryError,
    retry_if_exception_type,
    retry_if_result,
    stop_before_delay,
    wait_exponential,
)

from storefront_callback.destination import Outcome

log = structlog.get_logger()

NO_ANSWER: Final = (httpx.HTTPError, ValueError)  # a ValueError is an answer that is none
REASON_LENGTH: Final = 200

Status = Literal["pending", "captured", "canceled"]
State = Literal[1, 2, -1, -2]

STATES: Final[tuple[State | None, ...]] = (None, 1, 2, -1, -2)

OUTCOMES: Final[dict[Status, dict[State | None, Outcome]]] = {
    "pending": {
        None: Outcome.PENDING,
        1: Outcome.PENDING,
        2: Outcome.PENDING,
        -1: Outcome.CANCELED,
        -2: Outcome.CANCELED,
    },
    "captured": dict.fromkeys(STATES, Outcome.SUCCESS),
    "canceled": dict.fromkeys(STATES, Outcome.CANCELED),
}


@dataclass(frozen=True)
class Patience:
    """How long a shopper may be kept waiting, in seconds."""

    total: float = 5.0
    ask: float = 2.0
    pause: float = 0.25
    pause_growth: float = 1.5
    pause_max: float = 0.5


class Answer(BaseModel):
    """A whole answer of `GET /payment-status/{order_id}`; half of one is none."""

    model_config = ConfigDict(strict=True, frozen=True, hide_input_in_errors=True)

    order_id: str
    status: Status
    transaction_state: State | None


async def learn(client: httpx.AsyncClient, order_id: str, patience: Patience) -> Outcome:
    """Ask until the outcome is known; what we could not learn is pending, whatever the reason."""
    try:
        async with asyncio.timeout(patience.total):  # an answer that trickles in outlives every timeout of httpx
            return await _asking(patience)(_ask, client, order_id)
    except RetryError:  # the last word was still "pending"
        return Outcome.PENDING
    except (TimeoutError, *NO_ANSWER) as error:
        log.warning("sidecar.no_answer", order_id=order_id, reason=repr(error)[:REASON_LENGTH])
        return Outcome.PENDING


def _asking(patience: Patience) -> AsyncRetrying:
    """Ask again after a pending and after no answer."""
    return AsyncRetrying(
        retry=retry_if_result(lambda outcome: outcome is Outcome.PENDING) | retry_if_exception_type(NO_ANSWER),
        wait=wait_exponential(multiplier=patience.pause, exp_base=patience.pause_growth, max=patience.pause_max),
        stop=stop_before_delay(patience.total),
        reraise=True,
    )


async def _ask(client: httpx.AsyncClient, order_id: str) -> Outcome:
    response = await client.get(f"/payment-status/{order_id}")
    if response.status_code == HTTPStatus.NOT_FOUND:
        return Outcome.FAILED
    response.raise_for_status()
    answer = Answer.model_validate_json(response.content)
    if answer.order_id != order_id:
        raise ValueError("the answer is about another order")
    return OUTCOMES[answer.status][answer.transaction_state]
