"""One call of Payme's and what came back."""

import json
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from payme_sandbox.protocol import SYSTEM_ERROR


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked: a method with named parameters."""

    method: str
    params: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Call:
    """One exchange. The credential travels in a header and is not part of it.

    `sent` and `came` are JSON documents, or text where it was no JSON. With a `status` of None nothing came, and
    `came` says why.
    """

    method: str
    sent: Any
    status: int | None
    came: Any
    milliseconds: int = 0

    @property
    def reply(self) -> dict[str, Any] | None:
        """The JSON-RPC reply, if it was one that Payme would read: a JSON object over HTTP 200."""
        return self.came if self.status == HTTPStatus.OK and isinstance(self.came, dict) else None

    @property
    def result(self) -> dict[str, Any] | None:
        result = (self.reply or {}).get("result")
        return result if isinstance(result, dict) else None

    @property
    def error(self) -> dict[str, Any] | None:
        """The refusal; what is no JSON-RPC reply at all is a system error to Payme."""
        if self.result is not None:
            return None
        error = (self.reply or {}).get("error")
        return error if isinstance(error, dict) else {"code": SYSTEM_ERROR}

    @property
    def code(self) -> Any:
        return (self.error or {}).get("code")

    @property
    def technical(self) -> bool:
        """Whether Payme must ask again: it cannot know what became of the call."""
        return bool(self.code == SYSTEM_ERROR)

    @property
    def found(self) -> str:
        """The answer in a few words."""
        if self.status is None:
            return f"no answer ({self.came})"
        if self.status != HTTPStatus.OK:
            error = self.came.get("error") if isinstance(self.came, dict) else None
            return f"HTTP {self.status}" + (f", error {error.get('code')}" if isinstance(error, dict) else "")
        if self.reply is None:
            return "not a JSON object"
        if self.result is None:
            return f"error {self.code}" if isinstance(self.reply.get("error"), dict) else "neither result nor error"
        for name in ("state", "allow", "success"):
            if name in self.result:
                return f"{name} {written(self.result[name])}"
        rows = self.result.get("transactions")
        return f"{len(rows)} transactions" if isinstance(rows, list) else "a result"


def written(value: Any) -> str:
    """Write a value as JSON does: `true`, `"true"` and `null` are three things."""
    return json.dumps(value, ensure_ascii=False)
