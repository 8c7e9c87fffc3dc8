import { describe, expect, it, test } from "vitest"

import {
  claimOf,
  completionOf,
  decide,
  LOOKS,
  patienceOf,
  pauseOf,
  standingOf,
  wantsToPlace,
} from "../payme/stage"
import type { Answer, Attempts, Claim, Completion, Facts, Hint, Patience, Stage, Standing } from "../payme/stage"

const STANDINGS: Standing[] = ["open", "paid", "dead"]
const HINTS: Hint[] = ["unread", "none", "success", "pending", "canceled", "failed"]
const ANSWERS: Answer[] = [
  "unasked",
  "asking",
  "unreachable",
  "unknown",
  "untouched",
  "underway",
  "declined",
  "captured",
  "returned",
  "closed",
]
const COMPLETIONS: Completion[] = ["untried", "unpaid", "trouble", "spent_unpaid", "spent", "placed"]
const PATIENCES: Patience[] = ["fresh", "patient", "worn"]
const BOTH = [true, false]

const ALL: Facts[] = STANDINGS.flatMap((standing) =>
  HINTS.flatMap((hint) =>
    ANSWERS.flatMap((answer) =>
      COMPLETIONS.flatMap((completion) =>
        PATIENCES.flatMap((patience) =>
          BOTH.flatMap((link) => BOTH.map((leaving) => ({ standing, hint, answer, completion, patience, link, leaving }))),
        ),
      ),
    ),
  ),
)

const USUAL: Facts = {
  standing: "open",
  hint: "none",
  answer: "untouched",
  completion: "untried",
  patience: "fresh",
  link: true,
  leaving: false,
}

const stageOf = (facts: Partial<Facts>) => decide({ ...USUAL, ...facts })

/** Every case for which the claim holds, so that a failure shows the facts. */
const those = (holds: (facts: Facts) => boolean) => ALL.filter(holds)

describe("what a shopper with a payable session is told on arrival", () => {
  //                       none        success       pending       canceled         failed
  const EXPECTED: Record<Answer, [Stage, Stage, Stage, Stage, Stage]> = {
    unasked: ["pay", "placing", "waiting", "dropped", "failed"],
    asking: ["checking", "returning", "returning", "returning", "returning"],
    unreachable: ["pay", "placing", "waiting", "unconfirmed", "failed"],
    unknown: ["failed", "failed", "failed", "failed", "failed"],
    untouched: ["pay", "waiting", "waiting", "pay", "pay"],
    underway: ["waiting", "waiting", "waiting", "waiting", "waiting"],
    declined: ["canceled", "canceled", "canceled", "canceled", "canceled"],
    captured: ["placing", "placing", "placing", "placing", "placing"],
    returned: ["returned", "returned", "returned", "returned", "returned"],
    closed: ["closed", "closed", "closed", "closed", "closed"],
  }
  const CASES = ANSWERS.flatMap((answer) =>
    EXPECTED[answer].map((expected, i) => ({ answer, hint: HINTS[i + 1] as Hint, expected })),
  )

  test.each(CASES)("$answer, payment=$hint: $expected", ({ answer, hint, expected }) => {
    expect(stageOf({ answer, hint })).toBe(expected)
  })
})

describe("what a shopper is told whose session Medusa has authorized", () => {
  const EXCEPTIONS: Partial<Record<Answer, Stage>> = { returned: "returned", closed: "closed" }

  test.each(ANSWERS)("%s", (answer) => {
    for (const hint of HINTS.filter((hint) => hint !== "unread")) {
      expect(stageOf({ standing: "paid", answer, hint })).toBe(EXCEPTIONS[answer] ?? "placing")
    }
  })
})

describe("what a shopper is told whose session Medusa has given up", () => {
  //                       none        success       pending       canceled         failed
  const EXPECTED: Record<Answer, [Stage, Stage, Stage, Stage, Stage]> = {
    unasked: ["closed", "placing", "closed", "closed", "closed"],
    asking: ["returning", "returning", "returning", "returning", "returning"],
    unreachable: ["closed", "placing", "unconfirmed", "closed", "closed"],
    unknown: ["closed", "closed", "closed", "closed", "closed"],
    untouched: ["closed", "closed", "closed", "closed", "closed"],
    underway: ["waiting", "waiting", "waiting", "waiting", "waiting"],
    declined: ["closed", "closed", "closed", "closed", "closed"],
    captured: ["placing", "placing", "placing", "placing", "placing"],
    returned: ["returned", "returned", "returned", "returned", "returned"],
    closed: ["closed", "closed", "closed", "closed", "closed"],
  }

  test.each(ANSWERS)("%s", (answer) => {
    const told = HINTS.slice(1).map((hint) => stageOf({ standing: "dead", answer, hint }))

    expect(told).toEqual(EXPECTED[answer])
  })
})

describe("what becomes of it", () => {
  const COURSES: [string, Partial<Facts>, Stage[]][] = [
    //                                                          untried  unpaid  trouble  spent_unpaid  spent  placed
    ["captured", { answer: "captured" }, ["placing", "placing", "placing", "attention", "attention", "placed"]],
    [
      "payment=success, nobody to ask",
      { answer: "unreachable", hint: "success" },
      ["placing", "waiting", "placing", "unheard", "attention", "placed"],
    ],
    [
      "payment=success, nobody to ask, a session that Medusa has given up",
      { standing: "dead", answer: "unasked", hint: "success" },
      ["placing", "waiting", "placing", "unsure", "attention", "placed"],
    ],
    [
      "payment=pending, nobody to ask",
      { answer: "unasked", hint: "pending" },
      ["waiting", "waiting", "waiting", "unheard", "unsure", "placed"],
    ],
  ]

  test.each(COURSES)("%s, as placing the order goes", (_, facts, expected) => {
    expect(COMPLETIONS.map((completion) => stageOf({ ...facts, completion }))).toEqual(expected)
  })

  it("invites a shopper who came back without Payme beginning anything, but not in the first seconds", () => {
    const told = PATIENCES.map((patience) => stageOf({ answer: "untouched", hint: "pending", patience }))

    expect(told).toEqual(["waiting", "unpaid", "unpaid"])
  })

  it("says so when a payment under way takes too long", () => {
    const told = PATIENCES.map((patience) => stageOf({ answer: "underway", patience }))

    expect(told).toEqual(["waiting", "waiting", "overdue"])
  })
})

describe("in each of all cases", () => {
  const pays = (facts: Facts) => LOOKS[decide(facts)].pays

  it("nobody is invited to pay what is paid, under way, returned, closed or unknown", () => {
    const answers: Answer[] = ["captured", "underway", "returned", "closed", "unknown", "asking"]

    expect(those((facts) => pays(facts) && answers.includes(facts.answer))).toEqual([])
  })

  it("nobody is invited to pay a session that Medusa holds for paid or dead", () => {
    expect(those((facts) => pays(facts) && facts.standing !== "open")).toEqual([])
  })

  it("nobody who comes back with success or pending is invited before someone has said: not paid", () => {
    const knows = ({ answer, patience, completion }: Facts) =>
      answer === "declined" ||
      (answer === "untouched" && patience !== "fresh") ||
      (["unasked", "unreachable"].includes(answer) && completion === "spent_unpaid")
    const isBack = ({ hint }: Facts) => hint === "success" || hint === "pending"

    expect(those((facts) => pays(facts) && isBack(facts) && !knows(facts))).toEqual([])
  })

  it("nobody is invited while an order stands placed", () => {
    const told = those(({ completion }) => completion === "placed").map(decide)

    expect(new Set(told)).toEqual(new Set(["placed"]))
  })

  it("nobody is sent anywhere without a link", () => {
    expect(those((facts) => !facts.link && (pays(facts) || decide(facts) === "leaving"))).toEqual([])
  })

  it("a server draws neither button nor words, unless Medusa has placed the order", () => {
    const told = those(({ hint, completion }) => hint === "unread" && completion !== "placed").map(decide)

    expect(new Set(told)).toEqual(new Set(["unread"]))
  })

  it("money that has come is being made an order, or is said to have come", () => {
    const told = those(({ answer, hint }) => answer === "captured" && hint !== "unread").map(decide)

    expect(new Set(told)).toEqual(new Set(["placing", "attention", "placed"]))
  })

  it("arrival of money is claimed only when the sidecar, Medusa or the callback has said so", () => {
    const arrived: Stage[] = ["placing", "attention"]
    const said = ({ answer, standing, hint }: Facts) =>
      answer === "captured" || standing === "paid" || (hint === "success" && ["unasked", "unreachable"].includes(answer))

    expect(those((facts) => arrived.includes(decide(facts)) && !said(facts))).toEqual([])
  })

  it("a return of money is claimed only when the sidecar has said so", () => {
    expect(those((facts) => decide(facts) === "returned" && facts.answer !== "returned")).toEqual([])
  })

  it("leaving is shown only where the button invited", () => {
    const invited = (facts: Facts) => pays({ ...facts, leaving: false })

    expect(those((facts) => decide(facts) === "leaving" && !(facts.leaving && invited(facts)))).toEqual([])
    expect(those((facts) => facts.leaving && invited(facts) && decide(facts) !== "leaving")).toEqual([])
  })

  it("every stage can be reached", () => {
    expect(new Set(ALL.map(decide))).toEqual(new Set(Object.keys(LOOKS)))
  })
})

describe("Medusa's statuses", () => {
  test.each([
    ["pending", "open"],
    ["requires_more", "open"],
    ["pending_authorization", "open"],
    ["authorized", "paid"],
    ["captured", "paid"],
    ["error", "dead"],
    ["canceled", "dead"],
    ["one we have never heard of", "dead"],
  ])("%s is %s", (status, standing) => {
    expect(standingOf(status)).toBe(standing)
  })
})

describe("placing the order", () => {
  const after = (last: Attempts["last"], count: number, refusals = 0): Attempts => ({ last, count, refusals })

  test.each<[Claim, Attempts, Completion]>([
    ["paid", after("none", 0), "untried"],
    ["paid", after("trouble", 4), "trouble"],
    ["paid", after("trouble", 5), "spent"],
    ["paid", after("unpaid", 4), "unpaid"],
    ["paid", after("unpaid", 5), "spent_unpaid"],
    ["paid", after("refused", 1, 1), "trouble"],
    ["paid", after("refused", 2, 2), "spent"],
    ["hopeful", after("unpaid", 5), "spent_unpaid"],
    ["doubtful", after("unpaid", 2), "unpaid"],
    ["doubtful", after("unpaid", 3), "spent_unpaid"],
    ["payable", after("trouble", 99), "trouble"],
    ["paid", after("placed", 9, 2), "placed"],
  ])("%s after %o is %s", (claim, attempts, completion) => {
    expect(completionOf(attempts, claim)).toBe(completion)
  })

  it("is wanted for money that has come, at once and again while tries are left", () => {
    const wanted = COMPLETIONS.filter((completion) => wantsToPlace("paid", completion, 0))

    expect(wanted).toEqual(["untried", "unpaid", "trouble"])
  })

  it("waits for the first pause when the payment is doubtful", () => {
    expect(wantsToPlace("doubtful", "untried", 0)).toBe(false)
    expect(wantsToPlace("doubtful", "untried", 1)).toBe(true)
  })

  it("is never wanted on a claim that no money stands behind", () => {
    const claims = ALL.map(claimOf).filter((claim) => !["paid", "hopeful", "orphaned", "doubtful"].includes(claim))

    expect(claims.filter((claim) => wantsToPlace(claim, "untried", 9))).toEqual([])
  })
})

describe("pauses", () => {
  it("grow while we wait, stay at half a minute, and end", () => {
    const seconds = Array.from({ length: 38 }, (_, beats) => pauseOf("waiting", beats, 0)).map((ms) => ms && ms / 1000)

    expect(seconds.slice(0, 10)).toEqual([0, 2, 3, 4, 6, 9, 13, 20, 30, 30])
    expect(seconds.slice(34)).toEqual([30, 30, null, null])
  })

  it("are short while an order is placed", () => {
    expect([0, 1, 2, 3, 4].map((tries) => pauseOf("placing", 0, tries))).toEqual([0, 1000, 2000, 4000, 8000])
  })

  it("are not made where nothing is to be expected", () => {
    const quiet: Stage[] = ["pay", "leaving", "placed", "attention", "canceled", "returned", "closed", "failed"]

    expect(quiet.map((stage) => pauseOf(stage, 0, 0))).toEqual(quiet.map(() => null))
  })
})

describe("patience", () => {
  test.each([
    [0, "fresh"],
    [7_999, "fresh"],
    [8_000, "patient"],
    [44_999, "patient"],
    [45_000, "worn"],
  ])("after %i ms is %s", (waited, patience) => {
    expect(patienceOf(waited)).toBe(patience)
  })
})
