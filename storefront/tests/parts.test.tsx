import { renderToStaticMarkup } from "react-dom/server"
import { describe, expect, it, test, vi } from "vitest"

import { hintIn, hintOf, theBrowser } from "../payme/browser"
import { complete, readOutcome } from "../payme/completion"
import { checkoutLink, findPaymeSession, isPayme, localeOf, PAYME_PROVIDER_ID, paymePaymentInfo } from "../payme"
import { LOOKS } from "../payme/stage"
import { askStatus, readAnswer } from "../payme/status"
import { LOCALES, TEXTS } from "../payme/texts"

describe("Payme in the list of payment methods", () => {
  it("has the provider id of the plugin, a title and an icon that says nothing to a screen reader", () => {
    expect(PAYME_PROVIDER_ID).toBe("pp_payme_payme")
    expect(paymePaymentInfo.title).toBe("Payme")
    expect(renderToStaticMarkup(paymePaymentInfo.icon)).toMatch(/^<svg .*aria-hidden="true"/)
  })

  test.each([
    ["pp_payme_payme", true],
    ["pp_payme_second-cashbox", true],
    ["pp_system_default", false],
    ["pp_paymeadow_x", false],
    ["", false],
    [undefined, false],
    [null, false],
  ])("%s is Payme: %s", (id, expected) => {
    expect(isPayme(id)).toBe(expected)
  })
})

describe("the link to Payme's page", () => {
  test.each([
    ["https://checkout.paycom.uz/bT0", true],
    ["http://127.0.0.1:8703/bT0", true],
    ["javascript:alert(1)", false],
    ["data:text/html,x", false],
    ["/relative", false],
    ["", false],
    [42, false],
    [undefined, false],
  ])("%s is one: %s", (checkout_url, good) => {
    const session = { id: "payses_1", status: "pending", data: { checkout_url } }

    expect(checkoutLink(session)).toBe(good ? checkout_url : null)
  })

  it("is missing when the session has no data at all", () => {
    expect(checkoutLink({ id: "payses_1", status: "pending", data: null })).toBeNull()
    expect(checkoutLink({ id: "payses_1", status: "pending" })).toBeNull()
  })
})

describe("Payme's session of a cart", () => {
  const session = (status: string, provider_id: string = PAYME_PROVIDER_ID) => ({ status, provider_id })

  it("is the authorized one before the pending one, and either before a dead one", () => {
    const [dead, pending, authorized] = [session("canceled"), session("pending"), session("authorized")]

    expect(findPaymeSession([dead, pending, authorized])).toBe(authorized)
    expect(findPaymeSession([dead, pending])).toBe(pending)
    expect(findPaymeSession([dead])).toBe(dead)
  })

  it("is never another provider's", () => {
    expect(findPaymeSession([session("pending", "pp_system_default")])).toBeUndefined()
    expect(findPaymeSession([])).toBeUndefined()
    expect(findPaymeSession(undefined)).toBeUndefined()
    expect(findPaymeSession(null)).toBeUndefined()
  })
})

describe("the hint in the address", () => {
  test.each([
    ["?step=review&payment=success", "success"],
    ["?payment=pending", "pending"],
    ["?payment=canceled", "canceled"],
    ["?payment=failed", "failed"],
    ["?payment=unread", "none"],
    ["?payment=%3Cscript%3E", "none"],
    ["?payment=", "none"],
    ["", "none"],
  ])("%s: %s", (search, hint) => {
    expect(hintIn(search)).toBe(hint)
  })

  it("can be given by hand, or be absent", () => {
    expect(hintOf("success")).toBe("success")
    expect(hintOf(null)).toBe("none")
  })
})

describe("the sidecar's answer", () => {
  const status = (status: string, transaction_state: unknown) => ({ order_id: "payses_1", status, transaction_state })

  test.each([
    [200, status("pending", null), "untouched"],
    [200, status("pending", 1), "underway"],
    [200, status("pending", -1), "declined"],
    [200, status("captured", 2), "captured"],
    [200, status("canceled", null), "closed"],
    [200, status("canceled", 1), "closed"],
    [200, status("canceled", -1), "closed"],
    [200, status("canceled", -2), "returned"],
    [404, { type: "not_found", code: "not_found", message: "" }, "unknown"],
    [404, { type: "not_found", code: "unknown_route", message: "" }, "unreachable"],
    [404, {}, "unreachable"],
    [503, { code: "unavailable" }, "unreachable"],
    [500, status("captured", 2), "unreachable"],
    [200, status("captured", 7), "unreachable"],
    [200, status("constructor", null), "unreachable"],
    [200, null, "unreachable"],
    [200, "captured", "unreachable"],
  ])("%i %o is %s", (http, body, answer) => {
    expect(readAnswer(http, body)).toBe(answer)
  })

  it("is asked at the public address, fresh and without cookies", async () => {
    const fetch = vi.fn(async () => Response.json(status("captured", 2)))

    expect(await askStatus("https://pay.shop.uz/payme//", "payses_1/../x", fetch as typeof globalThis.fetch)).toBe("captured")
    expect(fetch).toHaveBeenCalledWith(
      "https://pay.shop.uz/payme/payment-status/payses_1%2F..%2Fx",
      expect.objectContaining({ cache: "no-store", credentials: "omit" }),
    )
  })

  it("is out of reach when it is no JSON, or does not come within five seconds", async () => {
    vi.useFakeTimers()
    const page = (async () => new Response("<html>")) as typeof globalThis.fetch
    const silence = ((_: string, { signal }: RequestInit) =>
      new Promise((_, no) => signal?.addEventListener("abort", () => no(new Error("aborted"))))) as typeof globalThis.fetch
    const settled = vi.fn()

    expect(await askStatus("https://pay.shop.uz", "payses_1", page)).toBe("unreachable")
    void askStatus("https://pay.shop.uz", "payses_1", silence).then(settled)
    await vi.advanceTimersByTimeAsync(4_999)
    expect(settled).not.toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(1)
    expect(settled).toHaveBeenCalledWith("unreachable")
    vi.useRealTimers()
  })
})

describe("the shop's answer", () => {
  test.each([
    ["Medusa's order", { type: "order", order: { id: "order_1" } }, "placed"],
    ["an order itself", { id: "order_1" }, "placed"],
    ["nothing, because it navigated", undefined, "placed"],
    ["not paid yet", { type: "cart", error: { type: "payment_requires_more_error" } }, "unpaid"],
    ["a provider that stumbled", { type: "cart", error: { type: "payment_authorization_error" } }, "trouble"],
    ["no stock", { type: "cart", error: { type: "not_allowed" } }, "refused"],
    ["a cart without a reason", { type: "cart", cart: {} }, "refused"],
    ["the starter's bare cart", { id: "cart_1", items: [] }, "refused"],
    ["null", null, "refused"],
    ["false", false, "refused"],
  ])("%s", (_, answer, outcome) => {
    expect(readOutcome(answer)).toBe(outcome)
  })

  it("is shared by all who ask for one session at once, and asked anew afterwards", async () => {
    let calls = 0
    const placeOrder = async () => void (calls += 1)

    const both = [complete("payses_shared", placeOrder), complete("payses_shared", placeOrder)]
    expect(await Promise.all(both)).toEqual([{ kind: "placed" }, { kind: "placed" }])
    expect(calls).toBe(1)
    await complete("payses_shared", placeOrder)
    expect(calls).toBe(2)
  })

  it("is trouble when the function throws, even before it returns a promise", async () => {
    const throws = () => {
      throw new Error("no cart")
    }

    expect(await complete("payses_throws", throws)).toEqual({ kind: "trouble" })
    expect(await complete("payses_throws", () => Promise.reject(null))).toEqual({ kind: "trouble" })
  })

  test.each(["NEXT_REDIRECT;push;/uz/order/order_1/confirmed;307;", "NEXT_HTTP_ERROR_FALLBACK;404"])(
    "%s belongs to Next",
    async (digest) => {
      const error = Object.assign(new Error("NEXT"), { digest })

      expect(await complete("payses_next", () => Promise.reject(error))).toEqual({ kind: "navigation", error })
    },
  )
})

describe("the words", () => {
  test.each([
    ["ru", "ru"],
    ["uz-Latn-UZ", "uz"],
    ["UZ", "uz"],
    ["en_GB", "en"],
    ["kk", "ru"],
    ["english", "ru"],
    ["", "ru"],
    [undefined, "ru"],
    [null, "ru"],
  ])("of %s are %s", (tag, locale) => {
    expect(localeOf(tag)).toBe(locale)
  })

  test.each(LOCALES)("in %s say something at every stage that has something to say", (locale) => {
    for (const [stage, { title, text }] of Object.entries(TEXTS[locale].stages)) {
      if (stage === "unread") expect(title + text).toBe("")
      else expect(text, stage).not.toBe("")
    }
  })

  it("have a title where, and only where, there is something to announce", () => {
    const silent = ["unread", "checking", "pay", "leaving"]

    for (const locale of LOCALES) {
      const untitled = Object.entries(TEXTS[locale].stages).filter(([, { title }]) => !title)
      expect(untitled.map(([stage]) => stage).sort()).toEqual([...silent].sort())
    }
  })

  it("ask not to pay again wherever money may be on its way", () => {
    const again = {
      ru: /не плат|снова платить не нужно/,
      uz: /qayta to‘lamang|yana to‘lash shart emas/,
      en: /not pay again|no need to pay again/,
    }

    for (const locale of LOCALES) {
      for (const stage of ["returning", "waiting", "overdue", "unsure", "unheard", "attention"] as const) {
        expect(TEXTS[locale].stages[stage].text, `${locale} ${stage}`).toMatch(again[locale])
      }
    }
  })

  it("speak Uzbek with its own sign, not with an apostrophe of a keyboard", () => {
    expect(JSON.stringify(TEXTS.uz)).not.toMatch(/[og]['`ʻ’]/i)
  })

  it("invite to the ways to pay exactly where the look leads there", () => {
    for (const [stage, { leadsBack }] of Object.entries(LOOKS)) {
      const { text } = TEXTS.en.stages[stage as keyof typeof LOOKS]
      expect(text.includes("choose Payme again") || text.includes("choose Payme"), stage).toBe(leadsBack)
    }
  })
})

describe("a real browser", () => {
  it("notices a shopper who looks at the page again, until told to stop", () => {
    const seen = vi.fn()
    const forget = theBrowser.onReturn(seen)

    document.dispatchEvent(new Event("visibilitychange"))
    window.dispatchEvent(Object.assign(new Event("pageshow"), { persisted: true }))
    window.dispatchEvent(Object.assign(new Event("pageshow"), { persisted: false }))
    expect(seen).toHaveBeenCalledTimes(2)
    forget()
    document.dispatchEvent(new Event("visibilitychange"))
    expect(seen).toHaveBeenCalledTimes(2)
  })

  it("has an address", () => {
    window.history.replaceState(null, "", "/uz/checkout?payment=pending")

    expect(hintIn(theBrowser.search())).toBe("pending")
  })
})
