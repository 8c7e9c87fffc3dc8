"""Every answer of "no" that Payme can get from us, in the buyer's three languages (spec, section 3 and 9)."""

from enum import IntEnum
from typing import Self


class PaymeError(IntEnum):
    """A code of the Merchant API and the texts that go with it."""

    ru: str
    uz: str
    en: str

    def __new__(cls, code: int, ru: str, uz: str, en: str) -> Self:
        error = int.__new__(cls, code)
        error._value_ = code
        error.ru, error.uz, error.en = ru, uz, en
        return error

    NOT_POST = -32300, "Допускается только POST", "Faqat POST so‘rovi qabul qilinadi", "Only POST is accepted"
    NOT_JSON = -32700, "Тело запроса не является JSON", "So‘rov JSON emas", "The body is not JSON"
    INVALID_REQUEST = -32600, "Неверный запрос", "So‘rov noto‘g‘ri", "Invalid request"
    METHOD_NOT_FOUND = -32601, "Неизвестный метод", "Noma’lum metod", "Unknown method"
    INVALID_PARAMS = -32602, "Неверные параметры", "Parametrlar noto‘g‘ri", "Invalid parameters"
    ACCESS_DENIED = -32504, "Нет доступа", "Ruxsat yo‘q", "Access denied"
    SYSTEM_ERROR = (
        -32400,
        "Внутренняя ошибка, повторите позже",
        "Ichki xato, keyinroq urinib ko‘ring",
        "Internal error, try again later",
    )
    RECEIPT_NOT_FOUND = -32001, "Чек не найден", "Chek topilmadi", "Receipt not found"

    WRONG_AMOUNT = (
        -31001,
        "Сумма не совпадает с заказом",
        "Summa buyurtmaga mos emas",
        "The amount does not match the order",
    )
    TRANSACTION_NOT_FOUND = -31003, "Такой транзакции нет", "Bunday tranzaksiya yo‘q", "No such transaction"
    CANNOT_PERFORM = (
        -31008,
        "Операция сейчас невозможна",
        "Amalni bajarib bo‘lmaydi",
        "The operation is not possible",
    )
    ACCOUNT_NOT_FOUND = -31050, "Заказ не найден", "Buyurtma topilmadi", "Order not found"
    ORDER_BUSY = (  # the code is a setting, PAYME_ORDER_BUSY_CODE (spec 8.1)
        -31051,
        "Заказ уже оплачивается",
        "Buyurtma uchun to‘lov jarayonda",
        "A payment for this order is in progress",
    )
    ORDER_NOT_PAYABLE = (
        -31052,
        "Заказ оплачен или закрыт",
        "Buyurtma to‘langan yoki yopilgan",
        "The order is paid or closed",
    )

    @property
    def message(self) -> dict[str, str]:
        return {"ru": self.ru, "uz": self.uz, "en": self.en}


# Payme wants to know which account field is wrong (spec 3.3).
ABOUT_THE_ACCOUNT = frozenset({PaymeError.ACCOUNT_NOT_FOUND, PaymeError.ORDER_BUSY, PaymeError.ORDER_NOT_PAYABLE})


class Refusal(Exception):
    """The only thing that says no to Payme.

    Raised before anything was stored; returned once the machine has spoken, because raising would undo what it
    decided.
    """

    def __init__(self, error: PaymeError, data: str | None = None) -> None:
        super().__init__(error.name)
        self.error = error
        self.data = data
