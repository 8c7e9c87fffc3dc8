/** One session's way from the button to the order: asks, waits, places, and tells its view when the stage changes. */

import type { Browser } from "./browser"
import { complete } from "./completion"
import type { PlaceOrder } from "./completion"
import { checkoutLink } from "./session"
import type { PaymeSession } from "./session"
import { claimOf, completionOf, decide, LOOKS, patienceOf, pauseOf, standingOf, wantsToPlace } from "./stage"
import type { Answer, Attempts, Claim, Facts, Hint, Stage } from "./stage"
import { askStatus } from "./status"

export interface Brief {
  session: PaymeSession
  hint: Hint
  placeOrder: PlaceOrder
}

export interface View {
  stage: Stage
  /** The shopper asked, and we are looking. */
  looking: boolean
}

/** A page that is still here after this was not left: let the shopper try again. */
const LEAVING_TAKES = 15_000

const NO_ATTEMPTS: Attempts = { last: "none", count: 0, refusals: 0 }

export class Journey {
  private answer: Answer
  private attempts = NO_ATTEMPTS
  private beats = 0
  private since = Date.now()
  private leaving = false
  private looking = false
  private busy = false
  private turn: Promise<void> = Promise.resolve()
  private active = false
  private timer = 0
  private readonly listeners = new Set<() => void>()
  private shown: View

  constructor(
    private brief: Brief,
    private readonly statusUrl: string | undefined,
    private readonly browser: Browser,
  ) {
    this.answer = statusUrl ? "asking" : "unasked"
    this.shown = this.look()
  }

  /** React calls start and stop twice in StrictMode; what is under way goes on and is not begun again. */
  readonly start = (): (() => void) => {
    this.active = true
    const forget = this.browser.onReturn(() => this.comeBack())
    void this.beat()
    return () => {
      this.active = false
      window.clearTimeout(this.timer)
      forget()
    }
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  readonly view = (): View => this.shown

  update(brief: Brief): void {
    const news = brief.session.status !== this.brief.session.status || brief.hint !== this.brief.hint
    this.learn(() => (this.brief = brief))
    if (news && this.active && !this.busy) this.schedule()
  }

  /** "Pay": asks once more first, because the shopper may have paid in another tab. */
  async press(): Promise<void> {
    if (!LOOKS[this.stage()].pays) return
    this.leaving = true
    this.show()
    await this.turn
    await this.alone(async () => {
      await this.ask()
      this.leaving = this.stage() === "leaving"
      const link = checkoutLink(this.brief.session)
      if (this.leaving && this.active && link) this.browser.leave(link)
    })
    if (this.leaving) this.later(() => this.comeBack(), LEAVING_TAKES)
    else this.schedule()
  }

  /** "Check again": one more look, and one more try to place the order. */
  async check(): Promise<void> {
    if (this.busy) return
    const { last, count, refusals } = this.attempts
    if (last !== "none") this.attempts = { last: "trouble", count: count - 1, refusals: refusals && refusals - 1 }
    this.looking = true
    await this.beat(1)
  }

  private comeBack(): void {
    if (this.busy) return
    this.leaving = false
    void this.beat(0)
  }

  private async beat(beats = this.beats): Promise<void> {
    if (this.busy) return
    this.beats = beats
    await this.alone(async () => {
      await this.ask()
      if (this.active && wantsToPlace(this.claim(), this.facts().completion, this.beats)) await this.place()
      this.beats += 1
      this.looking = false
    })
    this.schedule()
  }

  private alone(work: () => Promise<void>): Promise<void> {
    window.clearTimeout(this.timer)
    this.busy = true
    this.show()
    this.turn = work().then(() => {
      this.busy = false
      this.show()
    })
    return this.turn
  }

  private async ask(): Promise<void> {
    if (!this.statusUrl) return
    const answer = await askStatus(this.statusUrl, this.brief.session.id, this.browser.fetch)
    // Out of reach is no news: what the sidecar said before still holds.
    if (answer !== "unreachable" || this.answer === "asking") this.learn(() => (this.answer = answer))
  }

  /** Tries made on another claim do not count: "the payment has come" deserves its own. */
  private learn(news: () => void): void {
    const before = this.claim()
    news()
    if (this.claim() !== before && this.attempts.last !== "placed") this.attempts = NO_ATTEMPTS
    this.show()
  }

  private async place(): Promise<void> {
    const outcome = await complete(this.brief.session.id, this.brief.placeOrder)
    const { count, refusals } = this.attempts
    if (outcome.kind === "navigation") this.browser.letGo(outcome.error)
    this.attempts = {
      last: outcome.kind === "navigation" ? "placed" : outcome.kind,
      count: count + 1,
      refusals: refusals + (outcome.kind === "refused" ? 1 : 0),
    }
  }

  private schedule(): void {
    const pause = pauseOf(this.stage(), this.beats, this.attempts.count)
    if (pause !== null && this.worthAnother()) this.later(() => void this.beat(), pause)
  }

  /** Without a status to ask there is nothing to look at once the tries are spent. */
  private worthAnother(): boolean {
    return Boolean(this.statusUrl) || ["untried", "unpaid", "trouble"].includes(this.facts().completion)
  }

  private later(work: () => void, pause: number): void {
    window.clearTimeout(this.timer)
    if (this.active) this.timer = window.setTimeout(work, pause)
  }

  private claim(): Claim {
    return claimOf({ standing: standingOf(this.brief.session.status), answer: this.answer, hint: this.brief.hint })
  }

  private facts(): Facts {
    return {
      standing: standingOf(this.brief.session.status),
      link: checkoutLink(this.brief.session) !== null,
      hint: this.brief.hint,
      answer: this.answer,
      completion: completionOf(this.attempts, this.claim()),
      patience: patienceOf(Date.now() - this.since),
      leaving: this.leaving,
    }
  }

  private stage(): Stage {
    return decide(this.facts())
  }

  private look(): View {
    return { stage: this.stage(), looking: this.looking }
  }

  private show(): void {
    const next = this.look()
    if (next.stage === this.shown.stage && next.looking === this.shown.looking) return
    this.shown = next
    this.listeners.forEach((listener) => listener())
  }
}
