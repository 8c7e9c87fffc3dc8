"""What the shop sells: three things a shopper in Uzbekistan knows by touch. Prices are tiyin."""

from dataclasses import dataclass
from typing import Final

from payme_sandbox.languages import Phrase


@dataclass(frozen=True, slots=True)
class Product:
    handle: str
    price: int
    title: Phrase
    story: Phrase
    code: str
    """The IKPU, invented here; a real shop looks it up at tasnif.soliq.uz."""
    package_code: str

    @property
    def art(self) -> str:
        return f"art/{self.handle}.svg"


TEA_SET: Final = Product(
    "rishtan-tea-set",
    14_000_000,
    Phrase(
        "Чайный набор из Риштана",
        "Rishton choy to‘plami",
        "Rishtan tea set",
    ),
    Phrase(
        "Чайник и шесть пиал. Красная риштанская глина, глазурь ишкор, роспись кобальтом от руки.",
        "Choynak va oltita piyola. Rishton qizil loyi, ishqor siri, qo‘lda chizilgan kobalt naqsh.",
        "A teapot and six bowls. Red Rishtan clay, ishkor glaze, cobalt painted by hand.",
    ),
    code="06912001006000000",
    package_code="1500215",
)
LAGAN: Final = Product(
    "lagan",
    9_500_000,
    Phrase("Ляган «Анор»", "“Anor” lagani", "Anor serving plate"),
    Phrase(
        "Большое блюдо для плова, 36 см, с гранатовым узором.",
        "Osh uchun katta lagan, 36 sm, anor naqshi bilan.",
        "A wide plate for plov, 36 cm, with pomegranates.",
    ),
    code="06912001007000000",
    package_code="1500216",
)
ADRAS: Final = Product(
    "adras-scarf",
    18_500_000,
    Phrase("Шарф из адраса", "Adras sharf", "Adras scarf"),
    Phrase(
        "Маргиланский икат: шёлк и хлопок, 180 × 55 см.",
        "Marg‘ilon ikati: ipak va paxta, 180 × 55 sm.",
        "Margilan ikat, silk and cotton, 180 × 55 cm.",
    ),
    code="06214001001000000",
    package_code="1500217",
)

PRODUCTS: Final[dict[str, Product]] = {product.handle: product for product in (TEA_SET, LAGAN, ADRAS)}
