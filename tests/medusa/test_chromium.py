"""The browser of these tests draws what a shopper in Uzbekistan reads."""

from tests.medusa.chromium import Chromium

# A letter that no font has is drawn as a box or not at all; either way it is drawn as the next such letter is.
NOWHERE = "\U0010fffd"
WIDTHS = """letters => letters.map(letter => {
    const canvas = document.createElement("canvas");
    const pen = canvas.getContext("2d");
    pen.font = "40px sans-serif";
    pen.fillText(letter, 5, 45);
    return canvas.toDataURL();
})"""


def test_russian_and_uzbek_letters_are_drawn(chromium: Chromium) -> None:
    letters = "ЖжЩщЪъЭэЎўҚқҒғҲҳ‘’«»№−"

    with chromium.open() as browser:
        page = browser.new_page()
        drawn = page.evaluate(WIDTHS, [NOWHERE, " ", *letters])

    assert len(set(drawn[2:])) == len(letters)
    assert not {drawn[0], drawn[1]} & set(drawn[2:])


def test_a_phone_is_as_wide_as_a_phone(chromium: Chromium) -> None:
    with chromium.open() as browser:
        page = browser.new_context(viewport={"width": 390, "height": 844}, is_mobile=True).new_page()
        page.set_content('<meta name="viewport" content="width=device-width"><h1>To‘lash</h1>')

        assert page.evaluate("innerWidth") == 390
        assert page.screenshot().startswith(b"\x89PNG")
