"use client"

/** The button of the review step, and everything the shopper is told around it. */

import { useEffect, useRef, useState, useSyncExternalStore } from "react"
import type { MouseEvent, ReactElement, ReactNode } from "react"

import { hintIn, hintOf, theBrowser } from "./browser"
import type { Browser } from "./browser"
import type { PlaceOrder } from "./completion"
import { Journey } from "./journey"
import type { Brief, View } from "./journey"
import type { PaymeSession } from "./session"
import { LOOKS } from "./stage"
import type { Hint, Stage } from "./stage"
import { localeOf, TEXTS } from "./texts"
import type { Texts } from "./texts"

export interface PaymePaymentButtonProps {
  /** Payme's session of the cart, whatever its status: see findPaymeSession. */
  session: PaymeSession
  /** Completes the cart and leads to the order. May navigate, return Medusa's answer, or throw. */
  placeOrder: PlaceOrder
  /** Public base URL of the sidecar. Without it the pieces ask Medusa only, and know less. */
  statusUrl?: string
  /** `payment` of the way back; by default it is read from the address. */
  payment?: string | null
  /** A language tag; ru, uz and en are spoken, ru is the default. */
  locale?: string | null
  /** The checkout is not complete yet: the button is there but cannot be pressed. */
  notReady?: boolean
  /** Where the way to pay is chosen; offered when this session is of no use any more. */
  backHref?: string
  /** Your words instead of ours, for instance `{ pay: "Pay 140 000 so‘m" }`. */
  texts?: Partial<Omit<Texts, "stages">> & { stages?: Partial<Texts["stages"]> }
  className?: string
  /** Beside `payme-button`, for the main button: your shop's own button classes. */
  buttonClassName?: string
  "data-testid"?: string
  /** For tests. */
  browser?: Browser
}

export function PaymePaymentButton(props: PaymePaymentButtonProps): ReactElement {
  // Another session is another journey: nothing known of the old one may colour the new one.
  return <SessionButton key={`${props.session.id} ${props.statusUrl ?? ""}`} {...props} />
}

function SessionButton(props: PaymePaymentButtonProps): ReactElement {
  const [journey, view] = useJourney(props)
  const { panel, afterwards } = useFocusThatStays(view.stage)

  const texts = textsOf(props)
  const { tone } = LOOKS[view.stage]
  const { title, text } = texts.stages[view.stage]

  return (
    <div
      className={classes("payme", props.className)}
      data-payme-stage={view.stage}
      data-payme-session={props.session.id}
    >
      <div
        ref={panel}
        className={classes("payme-status", `payme-status-${tone}`, title ? undefined : "payme-status-silent")}
        role="status"
        aria-live="polite"
        aria-atomic="true"
        tabIndex={-1}
      >
        {title && <p className="payme-title">{title}</p>}
        {title && <p className="payme-text">{text}</p>}
      </div>
      <Actions {...props} texts={texts} view={view} journey={journey} afterwards={afterwards} />
      {!title && text && <p className="payme-note">{text}</p>}
    </div>
  )
}

interface ActionsProps extends Omit<PaymePaymentButtonProps, "texts"> {
  texts: Texts
  view: View
  journey: Journey
  afterwards: (work: () => void) => (event: MouseEvent) => void
}

function Actions({ texts, view, journey, afterwards, notReady, ...props }: ActionsProps): ReactElement | null {
  const { button, pays, leadsBack } = LOOKS[view.stage]
  const pay = afterwards(() => void journey.press())
  const check = afterwards(() => void journey.check())
  if (button === "pay") {
    return (
      <Button
        className={classes("payme-button", props.buttonClassName)}
        disabled={!pays || notReady}
        busy={!pays}
        onClick={pay}
        data-testid={props["data-testid"]}
      >
        {texts[PAY_WORDS[view.stage] ?? "pay"]}
      </Button>
    )
  }
  if (button === "check") {
    return (
      <div className="payme-actions">
        <Button
          className="payme-button payme-button-plain"
          disabled={view.looking}
          busy={view.looking}
          onClick={check}
          data-testid="payme-check"
        >
          {view.looking ? texts.looking : texts.check}
        </Button>
        {pays && (
          <Button className="payme-link" disabled={view.looking || notReady} onClick={pay} data-testid="payme-not-paid">
            {texts.notPaid}
          </Button>
        )}
      </div>
    )
  }
  if (leadsBack && props.backHref) {
    return (
      <a className="payme-button payme-button-plain" href={props.backHref} data-testid="payme-back">
        {texts.back}
      </a>
    )
  }
  return null
}

const PAY_WORDS: Partial<Record<Stage, "leaving" | "payAgain">> = {
  leaving: "leaving",
  canceled: "payAgain",
  dropped: "payAgain",
}

interface ButtonProps {
  className: string
  disabled?: boolean
  busy?: boolean
  onClick: (event: MouseEvent) => void
  children: ReactNode
  "data-testid"?: string
}

function Button({ busy, children, ...rest }: ButtonProps): ReactElement {
  return (
    <button type="button" aria-busy={busy || undefined} {...rest}>
      {children}
    </button>
  )
}

function useJourney(props: PaymePaymentButtonProps): [Journey, View] {
  const { session, placeOrder, statusUrl, browser = theBrowser } = props
  const brief: Brief = { session, placeOrder, hint: useHint(props.payment, browser) }
  const [journey] = useState(() => new Journey(brief, statusUrl, browser))
  useEffect(() => journey.start(), [journey])
  useEffect(() => journey.update(brief))
  return [journey, useSyncExternalStore(journey.subscribe, journey.view, journey.view)]
}

/** The address is read while drawing in a browser, and not at all on a server: no flash of the wrong words either way. */
function useHint(payment: string | null | undefined, browser: Browser): Hint {
  const inAddress = useSyncExternalStore<Hint>(
    browser.onReturn,
    () => hintIn(browser.search()),
    () => "unread",
  )
  return payment === undefined ? inAddress : hintOf(payment)
}

/** A button that was pressed may vanish; then the focus goes to the words that took its place. */
function useFocusThatStays(stage: Stage) {
  const panel = useRef<HTMLDivElement>(null)
  const pressed = useRef(false)
  useEffect(() => {
    if (!pressed.current || !lostFocus()) return
    pressed.current = false
    panel.current?.focus({ preventScroll: true })
  }, [stage])
  const afterwards = (work: () => void) => () => {
    pressed.current = true
    work()
  }
  return { panel, afterwards }
}

function lostFocus(): boolean {
  const { activeElement, body } = document
  return !activeElement || activeElement === body
}

function textsOf({ locale, texts }: PaymePaymentButtonProps): Texts {
  const ours = TEXTS[localeOf(locale)]
  return { ...ours, ...texts, stages: { ...ours.stages, ...texts?.stages } }
}

function classes(...names: (string | undefined)[]): string {
  return names.filter(Boolean).join(" ")
}
