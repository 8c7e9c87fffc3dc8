"""A browser without a window: it follows the links, forms, redirects and refreshes that a real one would."""

import asyncio
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any, Final
from urllib.parse import urljoin

import httpx

HOPS_MAX: Final = 10


class Lost(Exception):
    """The page has not got what a visitor would need to go on."""


@dataclass
class Element:
    tag: str
    attributes: dict[str, str]
    text: str = ""


@dataclass
class Form:
    method: str
    action: str
    values: dict[str, str] = field(default_factory=dict)


@dataclass
class Page(HTMLParser):
    """What matters on a page: elements with an id, forms, and an automatic refresh."""

    url: str
    status: int
    source: str
    elements: dict[str, Element] = field(default_factory=dict)
    forms: dict[str, Form] = field(default_factory=dict)
    refresh: str | None = None

    def __post_init__(self) -> None:
        super().__init__()
        self._open: Element | None = None
        self._form: Form | None = None
        self._without_script = False
        self.feed(self.source)

    def handle_starttag(self, tag: str, attrs: Iterable[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        if "id" in attributes:
            self._open = self.elements[attributes["id"]] = Element(tag, attributes)
        if tag == "form":
            action = urljoin(self.url, attributes.get("action", self.url))
            self._form = self.forms[attributes.get("id", "")] = Form(attributes.get("method", "get"), action)
        if tag == "input" and self._form is not None:
            self._form.values[attributes["name"]] = attributes.get("value", "")
        if tag == "noscript":
            self._without_script = True
        if tag == "meta" and attributes.get("http-equiv") == "refresh" and not self._without_script:
            self.refresh = urljoin(self.url, attributes["content"].partition("url=")[2])

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        if tag == "noscript":
            self._without_script = False
        if self._open is not None and tag == self._open.tag:
            self._open = None

    def handle_data(self, data: str) -> None:
        if self._open is not None:
            self._open.text += data.strip()

    def json(self) -> Any:
        try:
            return json.loads(self.source)
        except ValueError:
            raise Lost(f"{self.url} answered {self.status} and no JSON") from None

    def text(self, element_id: str) -> str:
        return self._element(element_id).text

    def attribute(self, element_id: str, name: str) -> str:
        return self._element(element_id).attributes.get(name, "")

    def _element(self, element_id: str) -> Element:
        if element_id not in self.elements:
            raise Lost(f"there is no #{element_id} on {self.url}")
        return self.elements[element_id]


class Browser:
    def __init__(self, http: httpx.AsyncClient) -> None:
        """Take a client that does not follow redirects by itself: each hop is part of the story."""
        self.page = Page("about:blank", 0, "")
        self.hops: list[str] = []
        self._http = http

    async def open(self, url: str) -> None:
        await self._go("GET", url)

    async def follow(self, link_id: str) -> None:
        await self._go("GET", urljoin(self.page.url, self.page.attribute(link_id, "href")))

    async def submit(self, form_id: str, **button: str) -> None:
        await self.submit_from(self.page, form_id, **button)

    async def submit_from(self, page: Page, form_id: str, **button: str) -> None:
        """Press a button, perhaps on a page of another tab."""
        if form_id not in page.forms:
            raise Lost(f"there is no form #{form_id} on {page.url}")
        form = page.forms[form_id]
        await self._go(form.method.upper(), form.action, {**form.values, **button})

    async def let_it_refresh(self, pause: float = 0.2) -> None:
        """Stay until the page stops moving on by itself."""
        while self.page.refresh is not None:
            await asyncio.sleep(pause)
            await self._go("GET", self.page.refresh)

    async def _go(self, method: str, url: str, values: dict[str, str] | None = None) -> None:
        self.hops = [url]
        answer = await self._http.request(method, url, data=values)
        while answer.is_redirect and len(self.hops) < HOPS_MAX:
            self.hops.append(urljoin(self.hops[-1], answer.headers["location"]))
            answer = await self._http.get(self.hops[-1])
        self.page = Page(self.hops[-1], answer.status_code, answer.text)
