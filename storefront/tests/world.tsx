/** The world around the button, played: a sidecar, a shop that places orders, a browser, and time. */

import { act, cleanup, fireEvent, render, screen } from "@testing-library/react"
import { StrictMode } from "react"
import type { ReactElement } from "react"
import { afterEach, beforeEach, vi } from "vitest"

import type { Browser } from "../payme/browser"
import { PaymePaymentButton } from "../payme/PaymePaymentButton"
import type { PaymePaymentButtonProps } from "../payme/PaymePaymentButton"

export const LINK = "https://checkout.test.paycom.uz/bT02NTg"
export const SIDECAR = "https://pay.shop.uz"

export type Word = "hanging" | "down" | { http: number; body: unknown }

const says = (status: string, transaction_state: number | null): Word => ({
  http: 200,
  body: { order_id: "payses_1", status, transaction_state },
})

export const UNTOUCHED = says("pending", null)
export const UNDERWAY = says("pending", 1)
export const DECLINED = says("pending", -1)
export const CAPTURED = says("captured", 2)
export const RETURNED = says("canceled", -2)
export const CLOSED = says("canceled", null)
export const UNKNOWN: Word = { http: 404, body: { type: "not_found", code: "not_found", message: "no such payment" } }
export const PROXY: Word = { http: 404, body: { message: "nothing here" } }

export const ORDER = { type: "order", order: { id: "order_1" } }
export const NOT_PAID = { type: "cart", error: { type: "payment_requires_more_error", message: "not paid yet" } }
export const SOLD_OUT = { type: "cart", error: { type: "not_allowed", message: "no stock" } }

export class Sidecar {
  asked: { url: string; at: number; init?: RequestInit }[] = []
  constructor(public word: Word) {}

  readonly fetch = (async (url: string, init?: RequestInit) => {
    this.asked.push({ url, at: Date.now(), init })
    const word = this.word
    if (word === "down") throw new TypeError("Failed to fetch")
    if (word === "hanging") return untilAborted(init?.signal)
    return { status: word.http, json: async () => word.body } as Response
  }) as typeof globalThis.fetch
}

function untilAborted(signal?: AbortSignal | null): Promise<Response> {
  return new Promise((_, reject) => signal?.addEventListener("abort", () => reject(new DOMException("", "AbortError"))))
}

/** Places orders as it is told; "hanging" calls are answered by hand. */
export class Shop {
  calls: number[] = []
  inFlight = 0
  mostInFlight = 0
  private waiting: ((answer: unknown) => void)[] = []
  constructor(public answer: unknown) {}

  readonly placeOrder = async (): Promise<unknown> => {
    this.calls.push(Date.now())
    this.inFlight += 1
    this.mostInFlight = Math.max(this.mostInFlight, this.inFlight)
    try {
      const answer = this.answer === "hanging" ? await new Promise((done) => this.waiting.push(done)) : this.answer
      if (answer instanceof Error) throw answer
      return answer
    } finally {
      this.inFlight -= 1
    }
  }

  async answers(answer: unknown): Promise<void> {
    this.waiting.splice(0).forEach((done) => done(answer))
    await passes(0)
  }
}

export class FakeBrowser implements Browser {
  left: string[] = []
  letGone: unknown[] = []
  address = ""
  private listeners = new Set<() => void>()
  constructor(readonly fetch: typeof globalThis.fetch) {}

  readonly search = () => this.address
  readonly leave = (address: string) => void this.left.push(address)
  readonly letGo = (error: unknown) => void this.letGone.push(error)
  readonly onReturn = (listener: () => void) => {
    this.listeners.add(listener)
    return () => void this.listeners.delete(listener)
  }

  get watched(): boolean {
    return this.listeners.size > 0
  }

  async shopperIsBack(): Promise<void> {
    this.listeners.forEach((listener) => listener())
    await passes(0)
  }
}

export interface Scene {
  sidecar?: Word
  shop?: unknown
  /** `payment=` in the address. */
  hint?: string
  status?: string
  data?: Record<string, unknown> | null
  strict?: boolean
  props?: Partial<PaymePaymentButtonProps>
}

export interface World {
  sidecar: Sidecar
  shop: Shop
  browser: FakeBrowser
  element: (changes?: Partial<PaymePaymentButtonProps>) => ReactElement
  show: (changes?: Partial<PaymePaymentButtonProps>) => void
  unmount: () => void
  container: HTMLElement
}

let sessions = 0

/** A fresh session each: nothing is left over from the test before. */
export function world(scene: Scene = {}): Omit<World, "show" | "unmount" | "container"> {
  const sidecar = new Sidecar(scene.sidecar ?? UNTOUCHED)
  const shop = new Shop(scene.shop ?? ORDER)
  const browser = new FakeBrowser(sidecar.fetch)
  browser.address = scene.hint ? `?step=review&payment=${scene.hint}` : "?step=review"
  const props: PaymePaymentButtonProps = {
    session: {
      id: `payses_${(sessions += 1)}`,
      status: scene.status ?? "pending",
      data: scene.data === undefined ? { checkout_url: LINK } : scene.data,
    },
    placeOrder: shop.placeOrder,
    statusUrl: SIDECAR,
    locale: "en",
    "data-testid": "submit-order-button",
    browser,
    ...scene.props,
  }
  const element = (changes = {}) => {
    const button = <PaymePaymentButton {...props} {...changes} />
    return scene.strict ? <StrictMode>{button}</StrictMode> : button
  }
  return { sidecar, shop, browser, element }
}

/** The review step is opened; nothing has been answered yet. */
export function opens(scene: Scene = {}): World {
  const around = world(scene)
  const { rerender, unmount, container } = render(around.element())
  return { ...around, show: (changes) => rerender(around.element(changes)), unmount, container }
}

/** The same, and the first answers are in. */
export async function opened(scene: Scene = {}): Promise<World> {
  const around = opens(scene)
  await passes(0)
  return around
}

export async function passes(milliseconds: number): Promise<void> {
  await act(async () => {
    await vi.advanceTimersByTimeAsync(milliseconds)
  })
}

export async function presses(testId = "submit-order-button", times = 1): Promise<void> {
  const button = screen.getByTestId(testId)
  button.focus()
  for (let pressed = 0; pressed < times; pressed += 1) fireEvent.click(button)
  await passes(0)
}

export const stage = () => document.querySelector("[data-payme-stage]")?.getAttribute("data-payme-stage")
export const status = () => screen.getByRole("status")
export const payButton = () => screen.queryByTestId<HTMLButtonElement>("submit-order-button")
/** Can the shopper go to Payme from here? */
export const invites = () => payButton()?.disabled === false || screen.queryByTestId("payme-not-paid") !== null

/** Between one call and the next, in seconds. */
export const pauses = (times: number[]) => times.slice(1).map((at, i) => Math.round((at - (times[i] ?? 0)) / 1000))

export function usesFakeTime(): void {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => {
    cleanup()
    vi.useRealTimers()
  })
}
