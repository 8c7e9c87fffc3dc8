"""A cashbox: the merchant as Payme knows it."""

from dataclasses import dataclass, field

from payme_sandbox.merchant import LOGIN


@dataclass(frozen=True, slots=True)
class Cashbox:
    """`merchant_id` may be empty: then any link is taken for one of this merchant's."""

    endpoint: str
    key: str = field(repr=False)
    login: str = LOGIN
    merchant_id: str = ""
    name: str = ""

    @property
    def credential(self) -> str:
        return f"{self.login}:{self.key}"

    def owns(self, merchant_id: str) -> bool:
        return not self.merchant_id or merchant_id == self.merchant_id
