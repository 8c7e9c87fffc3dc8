"""The words every floor shares."""

from enum import StrEnum


class SessionStatus(StrEnum):
    """Where a payment session stands, in Medusa's words and Medusa's spelling."""

    PENDING = "pending"
    CAPTURED = "captured"
    CANCELED = "canceled"


class Topic(StrEnum):
    """What the commerce backend is asked to do; also the last word of the address it is asked at."""

    AUTHORIZE = "authorize"
    CANCEL = "cancel"
