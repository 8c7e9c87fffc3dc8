import { act, render, screen } from "@testing-library/react"
import { StrictMode } from "react"
import { hydrateRoot } from "react-dom/client"
import { renderToString } from "react-dom/server"
import { describe, expect, it, test, vi } from "vitest"

import { Journey } from "../payme/journey"
import {
  CAPTURED,
  CLOSED,
  DECLINED,
  invites,
  LINK,
  NOT_PAID,
  opened,
  opens,
  ORDER,
  passes,
  pauses,
  payButton,
  presses,
  PROXY,
  RETURNED,
  SIDECAR,
  SOLD_OUT,
  stage,
  status,
  UNDERWAY,
  UNKNOWN,
  UNTOUCHED,
  usesFakeTime,
  world,
} from "./world"

usesFakeTime()

const SECOND = 1000
const MINUTE = 60 * SECOND
const RETURNS = ["success", "pending", "canceled", "failed"]

describe("a shopper who has not been to Payme", () => {
  it("finds a button that waits for the sidecar's word, and then invites", async () => {
    opens()
    expect(payButton()?.disabled).toBe(true)
    expect(payButton()?.getAttribute("aria-busy")).toBe("true")

    await passes(0)
    expect(stage()).toBe("pay")
    expect(payButton()?.disabled).toBe(false)
    expect(payButton()?.textContent).toBe("Pay with Payme")
  })

  it("is sent to Payme by a press, and no order is placed", async () => {
    const { browser, shop } = await opened()

    await presses()
    expect(browser.left).toEqual([LINK])
    expect(stage()).toBe("leaving")
    expect(payButton()?.disabled).toBe(true)
    expect(payButton()?.textContent).toBe("Opening Payme…")
    expect(shop.calls).toEqual([])
  })

  it("is sent once by a double click", async () => {
    const { browser } = await opened()

    await presses("submit-order-button", 2)
    expect(browser.left).toEqual([LINK])
  })

  it("is sent once by two presses before anything was drawn", async () => {
    const { sidecar, browser } = world()
    const session = { id: "payses_quick", status: "pending", data: { checkout_url: LINK } }
    const journey = new Journey({ session, hint: "none", placeOrder: async () => ORDER }, SIDECAR, browser)
    const stop = journey.start()
    await passes(0)

    await Promise.all([journey.press(), journey.press()])
    expect(browser.left).toEqual([LINK])
    expect(sidecar.asked).toHaveLength(2)
    stop()
  })

  it("is not sent while the checkout is incomplete", async () => {
    const { browser } = await opened({ props: { notReady: true } })

    expect(payButton()?.disabled).toBe(true)
    expect(payButton()?.getAttribute("aria-busy")).toBeNull()
    await presses()
    expect(browser.left).toEqual([])
  })

  it("is not sent when the payment was made in another tab meanwhile: the order is placed", async () => {
    const { browser, shop, sidecar } = await opened()

    sidecar.word = CAPTURED
    await presses()
    await passes(0)
    expect(browser.left).toEqual([])
    expect(shop.calls).toHaveLength(1)
  })

  it("is not sent when a payment is under way in another tab", async () => {
    const { browser, sidecar } = await opened()

    sidecar.word = UNDERWAY
    await presses()
    expect(browser.left).toEqual([])
    expect(stage()).toBe("waiting")
    expect(invites()).toBe(false)
  })

  it("sees it when a payment was made in another tab and this one is looked at again", async () => {
    const { browser, shop, sidecar } = await opened()

    sidecar.word = CAPTURED
    await browser.shopperIsBack()
    expect(shop.calls).toHaveLength(1)
  })

  it("can press while that look is under way, and is sent after it", async () => {
    const { browser, sidecar } = await opened()

    sidecar.word = "hanging"
    await browser.shopperIsBack()
    await presses()
    expect(browser.left).toEqual([])
    expect(sidecar.asked).toHaveLength(2)
    sidecar.word = UNTOUCHED
    await passes(5 * SECOND)
    expect(browser.left).toEqual([LINK])
  })

  it("can pay while the status is out of reach: Payme itself refuses to take money twice", async () => {
    const { browser } = await opened({ sidecar: "down" })

    expect(stage()).toBe("pay")
    await presses()
    expect(browser.left).toEqual([LINK])
  })

  it("can pay after five seconds when the sidecar does not answer at all", async () => {
    await opened({ sidecar: "hanging" })

    await passes(4_999)
    expect(payButton()?.disabled).toBe(true)
    await passes(1)
    expect(payButton()?.disabled).toBe(false)
  })

  it("is asked about once, not again and again", async () => {
    const { sidecar } = await opened()

    await passes(10 * MINUTE)
    expect(sidecar.asked).toHaveLength(1)
  })

  it("can try again when the page was not left", async () => {
    const { browser } = await opened()

    await presses()
    await passes(15 * SECOND)
    expect(stage()).toBe("pay")
    await presses()
    expect(browser.left).toEqual([LINK, LINK])
  })

  it("can press again after Back brought the page out of the browser's cache", async () => {
    const { browser } = await opened()

    await presses()
    await browser.shopperIsBack()
    expect(stage()).toBe("pay")
  })

  test.each(["javascript:alert(1)", "checkout.paycom.uz/x", "", null])(
    "is told when the session's link is %s, and is sent nowhere",
    async (checkout_url) => {
      const { browser } = await opened({ data: { checkout_url }, props: { backHref: "?step=payment" } })

      expect(stage()).toBe("linkless")
      expect(status().textContent).toContain("The link to Payme is missing")
      expect(payButton()).toBeNull()
      expect(screen.getByTestId("payme-back").getAttribute("href")).toBe("?step=payment")
      expect(browser.left).toEqual([])
    },
  )

  it("is never sent to Payme from a session that Medusa has given up", async () => {
    await opened({ status: "error" })

    expect(stage()).toBe("closed")
    expect(invites()).toBe(false)
  })
})

describe("a shopper who comes back", () => {
  test.each(RETURNS)("with payment=%s sees no button before the sidecar has answered", async (hint) => {
    opens({ hint, sidecar: "hanging" })

    expect(payButton()).toBeNull()
    expect(status().textContent).toContain("Please do not pay again")
    await passes(4_999)
    expect(payButton()).toBeNull()
  })

  test.each(["none", ...RETURNS])("having paid, with payment=%s, gets the order placed without a press", async (hint) => {
    const { shop, sidecar } = await opened({ hint, sidecar: CAPTURED, shop: "hanging" })

    expect(status().textContent).toContain("Payment received")
    expect(invites()).toBe(false)
    await shop.answers(ORDER)
    expect(stage()).toBe("placed")
    await passes(MINUTE)
    expect(shop.calls).toHaveLength(1)
    expect(sidecar.asked[0]?.url).toMatch(/^https:\/\/pay\.shop\.uz\/payment-status\/payses_\d+$/)
  })

  test.each(["none", ...RETURNS])("in the middle of a payment, with payment=%s, waits and cannot pay", async (hint) => {
    const { shop } = await opened({ hint, sidecar: UNDERWAY })

    expect(stage()).toBe("waiting")
    expect(status().textContent).toContain("no need to pay again")
    await passes(10 * MINUTE)
    expect(invites()).toBe(false)
    expect(shop.calls).toEqual([])
  })

  it("is asked about with growing pauses, and gets the order as soon as the payment has come", async () => {
    const { shop, sidecar } = await opened({ hint: "pending", sidecar: UNDERWAY })

    await passes(30 * SECOND)
    expect(pauses(sidecar.asked.map(({ at }) => at))).toEqual([2, 3, 4, 6, 9])
    sidecar.word = CAPTURED
    await passes(8 * SECOND)
    expect(shop.calls).toHaveLength(1)
    expect(stage()).toBe("placed")
  })

  it("is told when it takes long, and can have it checked", async () => {
    const { shop, sidecar } = await opened({ hint: "pending", sidecar: UNDERWAY })

    await passes(MINUTE)
    expect(stage()).toBe("overdue")
    expect(status().textContent).toContain("within 12 hours")
    sidecar.word = "hanging"
    await presses("payme-check")
    expect(screen.getByTestId<HTMLButtonElement>("payme-check").disabled).toBe(true)
    expect(screen.getByTestId("payme-check").textContent).toBe("Checking…")
    await passes(5 * SECOND)
    sidecar.word = CAPTURED
    await presses("payme-check")
    expect(shop.calls).toHaveLength(1)
  })

  it("is not asked about for ever, but again when the page is looked at", async () => {
    const { browser, sidecar } = await opened({ hint: "pending", sidecar: UNDERWAY })

    await passes(60 * MINUTE)
    expect(sidecar.asked).toHaveLength(36)
    await passes(60 * MINUTE)
    expect(sidecar.asked).toHaveLength(36)
    await browser.shopperIsBack()
    await passes(2 * SECOND)
    expect(sidecar.asked).toHaveLength(38)
  })

  it("keeps waiting when the sidecar falls silent after it said: under way", async () => {
    const { sidecar } = await opened({ sidecar: UNDERWAY })

    sidecar.word = "down"
    await passes(10 * MINUTE)
    expect(stage()).toBe("overdue")
    expect(invites()).toBe(false)
  })

  test.each(["success", "pending"])(
    "with payment=%s though Payme never began a payment, may pay after a few seconds",
    async (hint) => {
      const { browser, shop } = await opened({ hint, sidecar: UNTOUCHED })

      expect(stage()).toBe("waiting")
      await passes(8 * SECOND)
      expect(invites()).toBe(false)
      await passes(2 * SECOND)
      expect(status().textContent).toContain("No payment yet")
      await presses()
      expect(browser.left).toEqual([LINK])
      expect(shop.calls).toEqual([])
    },
  )

  test.each(["none", ...RETURNS])("after a declined card, with payment=%s, hears it and may pay again", async (hint) => {
    const { browser } = await opened({ hint, sidecar: DECLINED })

    expect(status().textContent).toContain("No money was taken")
    expect(payButton()?.textContent).toBe("Try again")
    await presses()
    expect(browser.left).toEqual([LINK])
  })

  test.each(["none", ...RETURNS])("after a refund, with payment=%s, hears it and cannot pay", async (hint) => {
    const { shop } = await opened({ hint, sidecar: RETURNED })

    expect(status().textContent).toContain("the money returned")
    expect(invites()).toBe(false)
    await passes(MINUTE)
    expect(shop.calls).toEqual([])
  })

  test.each(["none", ...RETURNS])("to a closed session, with payment=%s, is led to the ways to pay", async (hint) => {
    await opened({ hint, sidecar: CLOSED, props: { backHref: "?step=payment" } })

    expect(status().textContent).toContain("can no longer be paid")
    expect(invites()).toBe(false)
    expect(screen.getByTestId("payme-back").textContent).toBe("Back to the ways to pay")
  })

  test.each(["none", ...RETURNS])("for a payment nobody knows, with payment=%s, hears it and cannot pay", async (hint) => {
    const { shop } = await opened({ hint, sidecar: UNKNOWN })

    expect(status().textContent).toContain("There is no such payment")
    expect(invites()).toBe(false)
    expect(shop.calls).toEqual([])
  })

  it("is not told that the payment is unknown because a proxy answered 404", async () => {
    await opened({ hint: "pending", sidecar: PROXY })

    expect(stage()).toBe("waiting")
  })

  test.each(["canceled", "failed"])("to a new session with an old payment=%s in the address may pay", async (hint) => {
    await opened({ hint, sidecar: UNTOUCHED })

    expect(stage()).toBe("pay")
    expect(status().textContent).toBe("")
  })

  it("with payment=success and the status out of reach gets the order: Medusa asks the sidecar", async () => {
    const { shop } = await opened({ hint: "success", sidecar: "down" })

    expect(shop.calls).toHaveLength(1)
    expect(stage()).toBe("placed")
  })

  it("with payment=canceled and the status out of reach is not invited until the sidecar has spoken", async () => {
    const { sidecar } = await opened({ hint: "canceled", sidecar: "down" })

    expect(status().textContent).toContain("Check again before you pay")
    expect(invites()).toBe(false)
    sidecar.word = DECLINED
    await presses("payme-check")
    expect(invites()).toBe(true)
  })

  it("with payment=failed and the status out of reach hears it and cannot pay", async () => {
    await opened({ hint: "failed", sidecar: "down" })

    expect(stage()).toBe("failed")
    expect(invites()).toBe(false)
  })

  it("gets the order when Medusa has authorized the session, whatever the status says", async () => {
    const { shop } = await opened({ status: "authorized", sidecar: "down" })

    expect(shop.calls).toHaveLength(1)
  })

  it("gets the order when Medusa authorizes the session while the page is open", async () => {
    const around = await opened({ hint: "pending", sidecar: UNDERWAY })
    const session = { id: around.sidecar.asked[0]?.url.split("/").at(-1) ?? "", data: { checkout_url: LINK } }

    around.show({ session: { ...session, status: "authorized" } })
    await passes(0)
    expect(around.shop.calls).toHaveLength(1)
  })
})

describe("placing the order", () => {
  it("is one call at a time, however long it takes and whatever the shopper does", async () => {
    const { browser, shop } = await opened({ hint: "success", sidecar: CAPTURED, shop: "hanging" })

    await passes(5 * MINUTE)
    await browser.shopperIsBack()
    expect(shop.calls).toHaveLength(1)
    expect(stage()).toBe("placing")
  })

  it("is one call in StrictMode, which mounts twice", async () => {
    const { shop, sidecar } = await opened({ hint: "success", sidecar: CAPTURED, strict: true })

    await passes(MINUTE)
    expect(shop.calls).toHaveLength(1)
    expect(sidecar.asked).toHaveLength(1)
    expect(stage()).toBe("placed")
  })

  it("is one call in StrictMode without a status to ask", async () => {
    const { shop } = await opened({ hint: "success", strict: true, props: { statusUrl: undefined } })

    await passes(MINUTE)
    expect(shop.calls).toHaveLength(1)
  })

  it("is one call when the step is closed and opened again meanwhile", async () => {
    const around = await opened({ hint: "success", sidecar: CAPTURED, shop: "hanging" })

    around.unmount()
    render(around.element())
    await passes(SECOND)
    expect(around.shop.mostInFlight).toBe(1)
    await around.shop.answers(ORDER)
    expect(around.shop.calls).toHaveLength(1)
    expect(stage()).toBe("placed")
  })

  it("is one call when two buttons of one session are on the page", async () => {
    const around = world({ hint: "success", sidecar: CAPTURED, shop: "hanging" })
    render(
      <StrictMode>
        {around.element()}
        {around.element()}
      </StrictMode>,
    )

    await passes(SECOND)
    expect(around.shop.calls).toHaveLength(1)
  })

  it("is tried a few times with growing pauses, then the shopper hears where the money is", async () => {
    const { shop } = await opened({ hint: "success", sidecar: CAPTURED, shop: new Error("503") })

    await passes(MINUTE)
    expect(pauses(shop.calls)).toEqual([1, 2, 4, 8])
    expect(status().textContent).toContain("Your payment has arrived")
    expect(status().textContent).toContain("The shop has been told")
    expect(status().textContent).toContain("do not pay again")
    expect(invites()).toBe(false)
    await passes(60 * MINUTE)
    expect(shop.calls).toHaveLength(5)
  })

  it("succeeds on a later try", async () => {
    const { shop } = await opened({ hint: "success", sidecar: CAPTURED, shop: new Error("503") })

    shop.answer = ORDER
    await passes(SECOND)
    expect(shop.calls).toHaveLength(2)
    expect(stage()).toBe("placed")
  })

  it("is tried once more when the shopper has it checked, and once only", async () => {
    const { shop } = await opened({ hint: "success", sidecar: CAPTURED, shop: new Error("503") })
    await passes(MINUTE)

    await presses("payme-check")
    await passes(MINUTE)
    expect(shop.calls).toHaveLength(6)
    expect(stage()).toBe("attention")
    shop.answer = ORDER
    await presses("payme-check")
    expect(stage()).toBe("placed")
  })

  it("is believed to be impossible when the shop has refused twice", async () => {
    const { shop } = await opened({ hint: "success", sidecar: CAPTURED, shop: SOLD_OUT })

    await passes(MINUTE)
    expect(shop.calls).toHaveLength(2)
    expect(stage()).toBe("attention")
    await presses("payme-check")
    await passes(MINUTE)
    expect(shop.calls).toHaveLength(3)
  })

  it("is given up when the money goes back", async () => {
    const { browser, sidecar } = await opened({ hint: "success", sidecar: CAPTURED, shop: SOLD_OUT })
    await passes(MINUTE)

    sidecar.word = RETURNED
    await browser.shopperIsBack()
    expect(stage()).toBe("returned")
  })

  it("goes on when Medusa could not see the payment a moment too early", async () => {
    const { shop } = await opened({ hint: "success", sidecar: CAPTURED, shop: NOT_PAID })

    shop.answer = ORDER
    await passes(SECOND)
    expect(stage()).toBe("placed")
  })

  it("has all its tries when the payment comes after vain ones", async () => {
    const { shop, sidecar } = await opened({ hint: "success", sidecar: "down", shop: NOT_PAID })
    await passes(MINUTE)
    expect(stage()).toBe("unheard")

    sidecar.word = CAPTURED
    shop.answer = ORDER
    await passes(MINUTE)
    expect(stage()).toBe("placed")
  })

  it("lets Next's redirect through to Next, and does not try again", async () => {
    const redirect = Object.assign(new Error("NEXT_REDIRECT"), {
      digest: "NEXT_REDIRECT;push;/uz/order/order_1/confirmed;307;",
    })
    const { browser, shop } = await opened({ hint: "success", sidecar: CAPTURED, shop: redirect })

    await passes(MINUTE)
    expect(browser.letGone).toEqual([redirect])
    expect(shop.calls).toHaveLength(1)
    expect(stage()).toBe("placed")
    expect(document.body.textContent).not.toContain("NEXT_REDIRECT")
  })

  it("ends with the page: nothing is asked and nothing placed afterwards", async () => {
    const { browser, shop, sidecar, unmount } = await opened({ hint: "pending", sidecar: UNDERWAY })

    unmount()
    expect(vi.getTimerCount()).toBe(0)
    expect(browser.watched).toBe(false)
    sidecar.word = CAPTURED
    await passes(10 * MINUTE)
    expect(sidecar.asked).toHaveLength(1)
    expect(shop.calls).toEqual([])
  })

  it("is not begun when the page went away while the sidecar was asked", async () => {
    const { shop, sidecar, unmount } = opens({ hint: "success", sidecar: CAPTURED })

    unmount()
    await passes(MINUTE)
    expect(shop.calls).toEqual([])
    expect(sidecar.asked).toHaveLength(1)
  })
})

describe("without a status to ask", () => {
  const alone = { statusUrl: undefined }

  it("the button invites at once and nothing is fetched", async () => {
    const { browser, sidecar } = opens({ props: alone })

    expect(payButton()?.disabled).toBe(false)
    await presses()
    expect(browser.left).toEqual([LINK])
    expect(sidecar.asked).toEqual([])
  })

  it("payment=success places the order", async () => {
    const { shop } = await opened({ hint: "success", props: alone })

    expect(shop.calls).toHaveLength(1)
    expect(stage()).toBe("placed")
  })

  it("payment=success that Medusa does not see is asked about a few times, and then the shopper is asked", async () => {
    const { browser, shop } = await opened({ hint: "success", shop: NOT_PAID, props: alone })

    expect(stage()).toBe("waiting")
    expect(invites()).toBe(false)
    await passes(5 * MINUTE)
    expect(shop.calls).toHaveLength(5)
    expect(status().textContent).toContain("If you have paid, please do not pay again")
    await presses("payme-not-paid")
    expect(browser.left).toEqual([LINK])
  })

  it("payment=pending waits first, asks Medusa seldom, and places the order when the payment has come", async () => {
    const { shop } = await opened({ hint: "pending", shop: NOT_PAID, props: alone })

    expect(shop.calls).toEqual([])
    await passes(2 * SECOND)
    expect(shop.calls).toHaveLength(1)
    shop.answer = ORDER
    await passes(3 * SECOND)
    expect(stage()).toBe("placed")
  })

  it("payment=pending that never comes ends in a question, not in a hundred failed orders", async () => {
    const { shop } = await opened({ hint: "pending", shop: NOT_PAID, props: alone })

    await passes(MINUTE)
    expect(shop.calls).toHaveLength(3)
    expect(stage()).toBe("unheard")
    expect(vi.getTimerCount()).toBe(0)
    await presses("payme-check")
    expect(shop.calls).toHaveLength(4)
  })

  it("payment=pending with a shop that does not answer offers nothing but to check again", async () => {
    const { shop } = await opened({ hint: "pending", shop: new Error("503"), props: alone })

    await passes(5 * MINUTE)
    expect(stage()).toBe("unsure")
    expect(invites()).toBe(false)
    shop.answer = ORDER
    await presses("payme-check")
    expect(stage()).toBe("placed")
  })

  it("payment=canceled is told without a promise that no money moved, and may be paid again", async () => {
    await opened({ hint: "canceled", props: alone })

    expect(status().textContent).toContain("If money was taken, Payme has returned it")
    expect(invites()).toBe(true)
  })

  it("payment=failed is told and cannot be paid", async () => {
    await opened({ hint: "failed", props: alone })

    expect(stage()).toBe("failed")
    expect(invites()).toBe(false)
  })
})

describe("the view", () => {
  it("takes the hint from its property before the address", async () => {
    await opened({ hint: "success", sidecar: "hanging", props: { payment: null } })

    expect(stage()).toBe("checking")
  })

  test.each([
    ["uz", "Payme orqali to‘lash"],
    ["en-GB", "Pay with Payme"],
    [undefined, "Оплатить через Payme"],
  ])("speaks %s", async (locale, words) => {
    await opened({ props: { locale } })

    expect(payButton()?.textContent).toBe(words)
  })

  it("takes the shop's own words, class names and nothing else from it", async () => {
    const { container } = await opened({
      props: {
        texts: { pay: "Pay 140 000 so‘m", stages: { pay: { title: "", text: "By Uzcard or Humo" } } },
        className: "shop",
        buttonClassName: "shop-button",
      },
    })

    expect(payButton()?.textContent).toBe("Pay 140 000 so‘m")
    expect(payButton()?.className).toBe("payme-button shop-button")
    expect(container.querySelector(".payme.shop")?.textContent).toContain("By Uzcard or Humo")
  })

  it("has one status region from the first moment, so that a screen reader hears the changes", async () => {
    const { sidecar } = opens({ hint: "pending", sidecar: UNDERWAY })
    const region = status()

    expect(region.getAttribute("aria-live")).toBe("polite")
    await passes(0)
    sidecar.word = DECLINED
    await passes(2 * SECOND)
    expect(status()).toBe(region)
    expect(region.textContent).toContain("did not go through")
  })

  it("moves the focus to the words that took the place of a pressed button", async () => {
    const { sidecar } = await opened()

    sidecar.word = RETURNED
    await presses()
    expect(document.activeElement).toBe(status())
  })

  it("leaves the focus alone when nothing was pressed", async () => {
    const { sidecar } = await opened({ hint: "pending", sidecar: UNDERWAY })

    sidecar.word = DECLINED
    await passes(2 * SECOND)
    expect(document.activeElement).toBe(document.body)
  })

  it("begins anew with another session", async () => {
    const around = await opened({ hint: "canceled", sidecar: DECLINED })
    expect(stage()).toBe("canceled")

    around.sidecar.word = UNTOUCHED
    around.show({ session: { id: "payses_another", status: "pending", data: { checkout_url: LINK } } })
    await passes(0)
    expect(stage()).toBe("pay")
    expect(around.sidecar.asked.at(-1)?.url).toBe(`${SIDECAR}/payment-status/payses_another`)
  })

  it("calls the placeOrder of the latest drawing", async () => {
    const around = await opened({ hint: "pending", sidecar: UNDERWAY })
    const latest = vi.fn(async () => ORDER)

    around.shop.answer = new Error("503")
    around.sidecar.word = CAPTURED
    await passes(2 * SECOND)
    around.show({ placeOrder: latest })
    await passes(SECOND)
    expect(latest).toHaveBeenCalledOnce()
    expect(around.shop.calls).toHaveLength(1)
  })

  it("is drawn by a server without a button or a word, and finishes by itself in the browser", async () => {
    const around = world({ hint: "success", sidecar: CAPTURED })
    const errors = vi.spyOn(console, "error")
    const root = document.createElement("div")
    root.innerHTML = renderToString(around.element())
    expect(root.querySelector("button")).toBeNull()
    expect(root.textContent).toBe("")

    document.body.append(root)
    const hydrated = await act(async () => hydrateRoot(root, around.element()))
    await passes(SECOND)
    expect(around.shop.calls).toHaveLength(1)
    expect(stage()).toBe("placed")
    expect(errors).not.toHaveBeenCalled()
    act(() => hydrated.unmount())
    root.remove()
  })
})
