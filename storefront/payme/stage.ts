/**
 * What the shopper is told, decided by tables from what is known. Nothing here waits, and nothing is believed twice:
 * the sidecar's answer beats the hint in the address; the hint counts only while there is no answer.
 */

/** `payment=` of the way back. "unread" on a server, which has no address to look at. */
export type Hint = "unread" | "none" | "success" | "pending" | "canceled" | "failed"

/** What the sidecar last said: nothing asked of it, nothing heard yet, out of reach, 404, or status and state. */
export type Answer =
  | "unasked"
  | "asking"
  | "unreachable"
  | "unknown"
  | "untouched" // pending, no transaction ever: nobody can have paid
  | "underway" // pending, state 1
  | "declined" // pending, state -1: payable again
  | "captured"
  | "returned" // canceled, state -2: Payme gave the money back
  | "closed" // canceled, no money in it

/** Medusa's session status, in the three ways it matters. */
export type Standing = "open" | "paid" | "dead"

/** How placing the order went so far. "spent": no more tries without the shopper's wish. */
export type Completion = "untried" | "unpaid" | "trouble" | "spent_unpaid" | "spent" | "placed"

/** How long we have been waiting: a few seconds, a while, too long. */
export type Patience = "fresh" | "patient" | "worn"

export type Stage =
  | "unread" // drawn by a server: show nothing yet
  | "checking" // first visit, the sidecar is being asked
  | "returning" // back from Payme, the sidecar is being asked
  | "pay" // the button invites
  | "unpaid" // back from Payme, and Payme never began a payment: the button invites
  | "leaving" // on the way to Payme
  | "waiting" // a payment may be under way
  | "overdue" // a payment is under way for too long
  | "unsure" // nobody could tell whether it was paid
  | "unheard" // the shop says: not paid (yet). Only without an answer of the sidecar
  | "placing" // paid, the order is being placed
  | "placed"
  | "attention" // paid, but the order could not be placed
  | "canceled" // Payme cancelled before money moved; the session can be paid again
  | "dropped" // the callback said so and there is no status to ask: may be paid again
  | "unconfirmed" // the callback said so, the status is out of reach
  | "returned" // Payme gave the money back; nothing to pay any more
  | "closed" // this session cannot be paid any more
  | "failed" // the sidecar has no such payment
  | "linkless" // could be paid, but the session brought no address of Payme's page

export interface Facts {
  standing: Standing
  link: boolean
  hint: Hint
  answer: Answer
  completion: Completion
  patience: Patience
  leaving: boolean
}

/** What is known of the money, before anybody tried to place the order. */
export type Claim =
  | "unread"
  | "checking"
  | "returning"
  | "payable"
  | "untouched"
  | "underway"
  | "declined"
  | "dropped"
  | "unconfirmed"
  | "paid"
  | "hopeful" // only the hint says paid: let Medusa ask the sidecar
  | "orphaned" // the same, but Medusa has given the session up: nothing can be paid here
  | "doubtful" // only the hint says pending: let Medusa ask, but not at once
  | "returned"
  | "closed"
  | "unknown"

const STANDINGS: Record<string, Standing> = {
  pending: "open",
  requires_more: "open",
  pending_authorization: "open",
  authorized: "paid",
  captured: "paid",
  error: "dead",
  canceled: "dead",
}

/** An unknown status is "dead": it must not invite anybody to pay. */
export function standingOf(status: string): Standing {
  return STANDINGS[status] ?? "dead"
}

type ByHint = Record<Exclude<Hint, "unread">, Claim>

const whatever = (claim: Claim): ByHint => ({
  none: claim,
  success: claim,
  pending: claim,
  canceled: claim,
  failed: claim,
})

const CLAIMS: Record<Standing, Record<Answer, ByHint>> = {
  open: {
    unasked: { none: "payable", success: "hopeful", pending: "doubtful", canceled: "dropped", failed: "unknown" },
    asking: { ...whatever("returning"), none: "checking" },
    // Without a hint the shopper has not been away: a shop must be able to sell while the status is out of reach.
    unreachable: {
      none: "payable",
      success: "hopeful",
      pending: "doubtful",
      canceled: "unconfirmed",
      failed: "unknown",
    },
    unknown: whatever("unknown"),
    // A hint of cancellation or failure beside an untouched session was left in the address by an earlier session.
    untouched: { ...whatever("payable"), success: "untouched", pending: "untouched" },
    underway: whatever("underway"),
    declined: whatever("declined"),
    captured: whatever("paid"),
    returned: whatever("returned"),
    closed: whatever("closed"),
  },
  paid: {
    unasked: whatever("paid"),
    asking: whatever("paid"),
    unreachable: whatever("paid"),
    unknown: whatever("paid"),
    untouched: whatever("paid"),
    underway: whatever("paid"),
    declined: whatever("paid"),
    captured: whatever("paid"),
    returned: whatever("returned"),
    closed: whatever("closed"),
  },
  dead: {
    unasked: { ...whatever("closed"), success: "orphaned" },
    asking: whatever("returning"),
    unreachable: { ...whatever("closed"), success: "orphaned", pending: "unconfirmed" },
    unknown: whatever("closed"),
    untouched: whatever("closed"),
    underway: whatever("underway"),
    declined: whatever("closed"),
    captured: whatever("paid"),
    returned: whatever("returned"),
    closed: whatever("closed"),
  },
}

export function claimOf({ standing, answer, hint }: Pick<Facts, "standing" | "answer" | "hint">): Claim {
  return hint === "unread" ? "unread" : CLAIMS[standing][answer][hint]
}

const always = (stage: Stage): Record<Patience, Stage> => ({ fresh: stage, patient: stage, worn: stage })

/** Claims that no attempt to place the order changes. */
const STAGES: Record<Exclude<Claim, keyof typeof ATTEMPTED>, Record<Patience, Stage>> = {
  unread: always("unread"),
  checking: always("checking"),
  returning: always("returning"),
  payable: always("pay"),
  untouched: { fresh: "waiting", patient: "unpaid", worn: "unpaid" },
  underway: { fresh: "waiting", patient: "waiting", worn: "overdue" },
  declined: always("canceled"),
  dropped: always("dropped"),
  unconfirmed: always("unconfirmed"),
  returned: always("returned"),
  closed: always("closed"),
  unknown: always("failed"),
}

/** Claims on which the order is placed, by how that went. */
const ATTEMPTED = {
  paid: {
    untried: "placing",
    unpaid: "placing", // Medusa could not ask the sidecar, or asked a moment too early
    trouble: "placing",
    spent_unpaid: "attention",
    spent: "attention",
    placed: "placed",
  },
  hopeful: {
    untried: "placing",
    unpaid: "waiting",
    trouble: "placing",
    spent_unpaid: "unheard",
    spent: "attention",
    placed: "placed",
  },
  orphaned: {
    untried: "placing",
    unpaid: "waiting",
    trouble: "placing",
    spent_unpaid: "unsure",
    spent: "attention",
    placed: "placed",
  },
  doubtful: {
    untried: "waiting",
    unpaid: "waiting",
    trouble: "waiting",
    spent_unpaid: "unheard",
    spent: "unsure",
    placed: "placed",
  },
} satisfies Partial<Record<Claim, Record<Completion, Stage>>>

const isAttempted = (claim: Claim): claim is keyof typeof ATTEMPTED => claim in ATTEMPTED

export function decide(facts: Facts): Stage {
  if (facts.completion === "placed") return "placed"
  const stage = settled(claimOf(facts), facts)
  if (!LOOKS[stage].pays) return stage
  if (!facts.link) return "linkless"
  return facts.leaving ? "leaving" : stage
}

function settled(claim: Claim, { completion, patience }: Facts): Stage {
  return isAttempted(claim) ? ATTEMPTED[claim][completion] : STAGES[claim][patience]
}

export interface Look {
  tone: "plain" | "busy" | "good" | "warning" | "bad"
  /** The shopper may go to Payme from here. */
  pays: boolean
  button: "pay" | "check" | null
  /** Ask again by ourselves, with growing pauses. */
  polls: boolean
  /** Lead back to where the way to pay is chosen. */
  leadsBack: boolean
}

const look = (tone: Look["tone"], rest: Partial<Look> = {}): Look => ({
  tone,
  pays: false,
  button: null,
  polls: false,
  leadsBack: false,
  ...rest,
})

export const LOOKS: Record<Stage, Look> = {
  unread: look("plain"),
  checking: look("plain", { button: "pay" }),
  returning: look("busy"),
  pay: look("plain", { button: "pay", pays: true }),
  unpaid: look("plain", { button: "pay", pays: true }),
  leaving: look("plain", { button: "pay" }),
  waiting: look("busy", { polls: true }),
  overdue: look("busy", { polls: true, button: "check" }),
  unsure: look("warning", { polls: true, button: "check" }),
  unheard: look("warning", { polls: true, button: "check", pays: true }),
  placing: look("busy"),
  placed: look("good"),
  attention: look("warning", { button: "check" }),
  canceled: look("bad", { button: "pay", pays: true }),
  dropped: look("bad", { button: "pay", pays: true }),
  unconfirmed: look("warning", { polls: true, button: "check" }),
  returned: look("plain"),
  closed: look("bad", { leadsBack: true }),
  failed: look("bad", { leadsBack: true }),
  linkless: look("bad", { leadsBack: true }),
}

/** How often we try to place the order by ourselves. Each vain try leaves a gap in Medusa's order numbers. */
const TRIES = { paid: 5, hopeful: 5, orphaned: 5, doubtful: 3 } as const

/** A clear "no" of the shop, say for stock, is asked about once more and then believed. */
const REFUSALS = 2

export interface Attempts {
  last: "none" | "placed" | "unpaid" | "refused" | "trouble"
  count: number
  refusals: number
}

export function completionOf(attempts: Attempts, claim: Claim): Completion {
  if (attempts.last === "none") return "untried"
  if (attempts.last === "placed") return "placed"
  const limit = isAttempted(claim) ? TRIES[claim] : Infinity
  const spent = attempts.count >= limit || attempts.refusals >= REFUSALS
  if (attempts.last === "unpaid") return spent ? "spent_unpaid" : "unpaid"
  return spent ? "spent" : "trouble"
}

const TRYING: readonly Completion[] = ["untried", "unpaid", "trouble"]

/** Should the order be placed now? A doubtful payment gets its first pause before Medusa is troubled. */
export function wantsToPlace(claim: Claim, completion: Completion, beats: number): boolean {
  return isAttempted(claim) && TRYING.includes(completion) && (claim !== "doubtful" || beats > 0)
}

const SECOND = 1000
const PLACING_PAUSES = [0, 1, 2, 4, 8]
const POLLING_PAUSES = [0, 2, 3, 4, 6, 9, 13, 20]
const POLLING_PAUSE_MAX = 30
/** About a quarter of an hour. Coming back to the page starts anew. */
const BEATS_MAX = 36

/** Milliseconds until the next look after so many, or null when nothing is to be expected by waiting. */
export function pauseOf(stage: Stage, beats: number, attempts: number): number | null {
  if (stage === "placing") return (PLACING_PAUSES[attempts] ?? 8) * SECOND
  if (!LOOKS[stage].polls || beats >= BEATS_MAX) return null
  return (POLLING_PAUSES[beats] ?? POLLING_PAUSE_MAX) * SECOND
}

const FRESH = 8 * SECOND
const WORN = 45 * SECOND

export function patienceOf(waited: number): Patience {
  if (waited < FRESH) return "fresh"
  return waited < WORN ? "patient" : "worn"
}
