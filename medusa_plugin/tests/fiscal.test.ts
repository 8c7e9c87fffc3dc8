import { BigNumber, decorateCartTotals } from "@medusajs/framework/utils"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { codesOf } from "../src/fiscal/codes"
import { detailOf, type Delivery, type Detail, type Good, type Goods } from "../src/fiscal/detail"
import { lend, lent } from "../src/fiscal/lent"
import PaymeProviderService from "../src/providers/payme/service"
import { validated } from "../src/sidecar/options"
import { nearest, tiyin } from "../src/sidecar/tiyin"
import { FakeSidecar, session } from "./sidecar"

const METADATA = { ikpu_code: "06912001006000000", package_code: "1500215", vat_percent: 12 }
const CODES = { code: "06912001006000000", package_code: "1500215", vat_percent: 12 }

const good = (total: number | string, changes: Partial<Good> = {}): Good => ({
  title: "Bowl",
  quantity: 1,
  raw_total: { value: String(total), precision: 20 },
  raw_original_total: { value: String(total), precision: 20 },
  variant: { metadata: null },
  product: { metadata: METADATA },
  ...changes,
})
const delivery = (total: number | string, name = "Courier"): Delivery => ({ name, raw_total: String(total) })
const goods = (items: Good[], shipping_methods: Delivery[] = []): Goods => ({ items, shipping_methods })

function complete(of: Goods, amount: number, settings = {}): Detail {
  const found = detailOf(of, settings, amount)
  if ("missing" in found) throw new Error(found.missing.join("; "))
  return found.detail
}

function missing(of: Goods | undefined, amount: number, settings = {}): string[] {
  const found = detailOf(of, settings, amount)
  return "missing" in found ? found.missing : []
}

const sumOf = ({ items, shipping }: Detail) =>
  items.reduce((sum, { price, count, discount }) => sum + price * count - discount, shipping?.price ?? 0)

const figures = ({ items }: Detail) => items.map(({ price, count, discount }) => [price, count, discount])

describe("the lines of a cart", () => {
  it("are Payme's own, with the codes of each good and the delivery beside them", () => {
    const of = goods([good(140000, { title: "Tea set" }), good(60000, { quantity: 2 })], [delivery(25000)])

    expect(complete(of, 22500000)).toEqual({
      receipt_type: 0,
      shipping: { title: "Courier", price: 2500000 },
      items: [
        { title: "Tea set", price: 14000000, count: 1, discount: 0, ...CODES },
        { title: "Bowl", price: 3000000, count: 2, discount: 0, ...CODES },
      ],
    })
  })

  it.each([
    ["one of a price", [good(140000)], [[14000000, 1, 0]]],
    ["three of a price", [good(30, { quantity: 3 })], [[1000, 3, 0]]],
    ["a price that three do not divide", [good("100.01", { quantity: 3 })], [[3333, 1, 0], [3334, 2, 0]]],
    ["a discount", [good(90, { raw_original_total: 100 })], [[10000, 1, 1000]]],
    ["a discount on three", [good(270, { quantity: 3, raw_original_total: 300 })], [[10000, 3, 3000]]],
    ["a discount that three do not divide", [good("89.99", { quantity: 3, raw_original_total: "100.01" })], [[3334, 3, 1003]]],
    ["a good that is given away beside", [good(100), good(0, { raw_original_total: 50 })], [[10000, 1, 0]]],
    ["a good that costs nothing beside", [good(100), good(0)], [[10000, 1, 0]]],
    ["one and a half of a thing", [good(150, { quantity: 1.5 })], [[15000, 1, 0]]],
    ["a quantity as Medusa has it", [good(30, { quantity: new BigNumber("3") })], [[1000, 3, 0]]],
    ["a tax that leaves fractions", [good("128799.9888", { quantity: 4 })], [[3219999, 1, 0], [3220000, 3, 0]]],
    ["three fractions that make one", [good("0.333"), good("0.333"), good("0.334")], [[33, 1, 0], [34, 1, 0], [33, 1, 0]]],
    ["two halves of a tiyin", [good("1.005"), good("1.005")], [[101, 1, 0], [100, 1, 0]]],
    ["the dust of a division", [good("99999.99999999999999968")], [[10000000, 1, 0]]],
    ["the dust of a whole discount", [good(100), good("-0.00000000000000000001", { raw_original_total: 50 })], [[10000, 1, 0]]],
  ] as [string, Good[], number[][]][])("are right for %s", (_, items, expected) => {
    const amount = nearest(items.reduce((sum, { raw_total }) => new BigNumber(sum).bigNumber!.plus(new BigNumber(raw_total).bigNumber!), new BigNumber(0).bigNumber!))

    const detail = complete(goods(items), amount)

    expect(figures(detail)).toEqual(expected)
    expect(sumOf(detail)).toBe(amount)
  })

  it.each([
    ["1.5 is said in the title", { quantity: 1.5 }, "Bowl × 1.5"],
    ["a kind is said in the title", { variant_title: "Blue" }, "Bowl, Blue"],
    ["a kind of the same name is not said twice", { variant_title: "Bowl" }, "Bowl"],
    ["Medusa's name for the only kind is not said", { variant_title: "Default variant" }, "Bowl"],
    ["control characters are not said", { title: " Bo\n\twl\u0000 \ud800" }, "Bo wl"],
    ["what is too long is cut between two characters", { title: "🫖".repeat(300) }, "🫖".repeat(200)],
    ["what has no name has a dash", { title: "\n" }, "—"],
  ])("%s", (_, changes, title) => {
    expect(complete(goods([good(100, changes)]), 10000).items[0]!.title).toBe(title)
  })

  it("say nothing of a delivery that is free", () => {
    expect(complete(goods([good(100)], [delivery(0)]), 10000)).not.toHaveProperty("shipping")
  })

  it("put several deliveries together", () => {
    const detail = complete(goods([good(100)], [delivery("10.005"), delivery("10.005", "Crane")]), 12001)

    expect(detail.shipping).toEqual({ title: "Courier, Crane", price: 2001 })
  })

  it("call the delivery what the shop calls it", () => {
    const detail = complete(goods([good(100)], [delivery(10)]), 11000, { fiscalShipping: { title: "Yetkazib berish" } })

    expect(detail.shipping).toEqual({ title: "Yetkazib berish", price: 1000 })
  })

  it("make the delivery a line of its own when it has codes", () => {
    const of = goods([good(100)], [{ ...delivery(10), raw_original_total: 15 }])

    const detail = complete(of, 11000, { fiscalShipping: { ...METADATA, ikpu_code: "10112006002000000" } })

    expect(detail).not.toHaveProperty("shipping")
    expect(detail.items[1]).toEqual({ title: "Courier", price: 1500, count: 1, discount: 500, ...CODES, code: "10112006002000000" })
  })
})

describe("a wrong receipt is never made", () => {
  it.each([
    ["the amount is another", goods([good(100)]), 9999, /10000 tiyin, and 9999/],
    ["a gift card pays a part", goods([good(100)], [delivery(10)]), 6000, /11000 tiyin, and 6000/],
    ["only the delivery is paid", goods([good(0)], [delivery(10)]), 1000, /nothing but the delivery/],
    ["there are more lines than a receipt takes", goods(Array(101).fill(good(1))), 10100, /101 lines/],
    ["a line is less than nothing", goods([good(100), good(-10)]), 9000, /less than nothing/],
    ["the cart is not known", undefined, 10000, /not known/],
    ["nothing is in it", goods([]), 10000, /nothing/],
    ["a sum is not a number", goods([good("NaN")]), 10000, /./],
  ])("when %s", (_, of, amount, words) => {
    expect(missing(of, amount)[0]).toMatch(words)
  })

  it("names every good that lacks a code", () => {
    const of = goods([
      good(100, { title: "Tea set", product: { metadata: {} } }),
      good(100, { title: "Lagan", product: { metadata: { ...METADATA, ikpu_code: 6912001006000000 } } }),
      good(100),
    ])

    expect(missing(of, 30000)).toEqual([
      '"Tea set": ikpu_code is missing, package_code is missing, vat_percent is missing',
      '"Lagan": ikpu_code must be text of 17 digits',
    ])
  })

  it.each([
    ["the variant's code before its product's", { variant: { metadata: { ikpu_code: "1".repeat(17) } } }, "1".repeat(17)],
    ["the product's where the variant has none", { variant: { metadata: { colour: "blue" } } }, CODES.code],
    ["the product's where there is no variant", { variant: null }, CODES.code],
  ])("takes %s", (_, changes, code) => {
    expect(complete(goods([good(100, changes)]), 10000, { fiscalDefaults: { ikpu_code: "2".repeat(17) } }).items[0]!.code).toBe(code)
  })

  it("asks for no code of what is given away", () => {
    expect(figures(complete(goods([good(100), good(0, { product: null })]), 10000))).toHaveLength(1)
  })
})

describe("the codes of a good", () => {
  it.each([
    ["the variant's come first", [{ ikpu_code: "1".repeat(17) }, METADATA], { ...CODES, code: "1".repeat(17) }],
    ["the shop's come last", [null, { ikpu_code: CODES.code }, { package_code: "7", vat_percent: 0 }], { code: CODES.code, package_code: "7", vat_percent: 0 }],
    ["an emptied key is none", [{ vat_percent: "" }, METADATA], CODES],
    ["an admin types text", [{ ...METADATA, vat_percent: " 12 ", units: "796", package_code: " 1500215" }], { ...CODES, units: 796 }],
    ["an admin types a number", [{ ...METADATA, package_code: 1500215 }], CODES],
    ["no VAT is a rate", [{ ...METADATA, vat_percent: 0 }], { ...CODES, vat_percent: 0 }],
  ])("%s", (_, sources, codes) => {
    expect(codesOf(sources)).toEqual({ codes })
  })

  it.each([
    [{ ikpu_code: "6912001006000000" }, /ikpu_code must be text of 17 digits/],
    [{ ikpu_code: 6912001006000000 }, /ikpu_code must be/],
    [{ package_code: "15 00" }, /package_code must be/],
    [{ package_code: {} }, /package_code must be/],
    [{ vat_percent: 12.5 }, /vat_percent must be a whole number, 0 to 100/],
    [{ vat_percent: 101 }, /vat_percent must be/],
    [{ vat_percent: "12%" }, /vat_percent must be/],
    [{ units: -1 }, /units must be/],
    [{ units: true }, /units must be/],
  ])("are not guessed at for %j", (wrong, words) => {
    expect(codesOf([wrong, METADATA])).toEqual({ missing: [expect.stringMatching(words)] })
  })
})

describe("carts as Medusa counts them", () => {
  const UNHURRIED = 120_000 // milliseconds: nothing is measured

  /** A small deck of numbers, the same each time. */
  function* deck(seed: number): Generator<(below: number) => number> {
    for (let round = 0; ; round += 1) {
      let state = seed + round * 7919
      yield (below) => {
        state = (state * 1103515245 + 12345) % 2147483648
        return Math.floor((state / 2147483648) * below)
      }
    }
  }

  function cartOf(draw: (below: number) => number) {
    const rates = [[], [{ rate: 12, code: "vat" }], [{ rate: 7.25, code: "odd" }]][draw(3)]!
    const adjusted = (most: number) => (draw(2) ? [{ amount: draw(most * 100) / 100, is_tax_inclusive: draw(2) === 1 }] : [])
    const priced = (price: number) => ({ is_tax_inclusive: draw(2) === 1, tax_lines: rates, adjustments: adjusted(Math.floor(price / 2)) })
    const items = Array.from({ length: 1 + draw(6) }, (_, at) => {
      const unit_price = 1 + draw(50_000_000) / 100
      return { id: `item_${at}`, title: `good ${at}`, quantity: 1 + draw(9), unit_price, product: { metadata: METADATA }, ...priced(unit_price) }
    })
    const amount = draw(3_000_000) / 100
    return { currency_code: "uzs", items, shipping_methods: [{ id: "sm", name: "Courier", amount, ...priced(amount) }], region: {} }
  }

  it("come to the amount, line by line within a tiyin, whatever prices, taxes and discounts there are", () => {
    const decks = deck(20261121)
    for (let round = 0; round < 300; round += 1) {
      const cart = decorateCartTotals(cartOf(decks.next().value!) as never) as never as { total: BigNumber; items: any[]; shipping_methods: any[] }
      const raw = ({ total, original_total, ...rest }: any) => ({ ...rest, raw_total: total, raw_original_total: original_total })
      const amount = tiyin(cart.total)

      const detail = complete(goods(cart.items.map(raw), cart.shipping_methods.map(raw)), amount)

      expect(sumOf(detail)).toBe(amount)
      for (const { price, count, discount, title } of detail.items) {
        expect([price, count, discount].every((it) => Number.isSafeInteger(it) && it >= 0) && price > 0 && discount <= price * count).toBe(true)
        expect(title).toMatch(/^good/)
      }
      for (const item of cart.items) {
        const told = sumOf({ receipt_type: 0, items: detail.items.filter(({ title }) => title === item.title) })
        expect(Math.abs(told - nearest(item.total))).toBeLessThanOrEqual(1)
      }
    }
  }, UNHURRIED)
})

describe("the options", () => {
  const GOOD = { sidecarUrl: "http://127.0.0.1:8700", sidecarApiKey: "sk_sidecar" }

  it("are off when nothing is said", () => {
    expect(validated(GOOD)).toMatchObject({ fiscal: "off" })
  })

  it.each([
    [{ fiscal: "when_complete" }],
    [{ fiscal: "required", fiscalDefaults: { vat_percent: 12 } }],
    [{ fiscalDefaults: { ...METADATA, units: 796 } }],
    [{ fiscalShipping: { title: "Yetkazib berish" } }],
    [{ fiscalShipping: { ...METADATA, title: "Yetkazib berish" } }],
    [{ fiscal: undefined, fiscalDefaults: { vat_percent: undefined } }],
  ])("may be %j", (options) => {
    expect(() => validated({ ...GOOD, ...options })).not.toThrow()
  })

  it.each([
    [{ fiscal: "on" }, /option fiscal: one of off, when_complete, required/],
    [{ fiscal: true }, /option fiscal:/],
    [{ fiscalDefaults: null }, /option fiscalDefaults:/],
    [{ fiscalDefaults: { vatPercent: 12 } }, /option fiscalDefaults: an object of ikpu_code/],
    [{ fiscalDefaults: { vat_percent: 12.5 } }, /vat_percent must be/],
    [{ fiscalDefaults: { ikpu_code: 1 } }, /ikpu_code must be text of 17 digits/],
    [{ fiscalShipping: { ikpu_code: METADATA.ikpu_code } }, /package_code is missing, vat_percent is missing/],
    [{ fiscalShipping: { title: " " } }, /title must be text/],
    [{ fiscalShipping: { name: "x" } }, /option fiscalShipping: an object of title/],
  ])("stop the start when they are %j", (options, words) => {
    expect(() => validated({ ...GOOD, ...options })).toThrow(words)
  })
})

describe("initiatePayment", () => {
  let sidecar: FakeSidecar
  const warned: string[] = []
  beforeEach(async () => {
    sidecar = await FakeSidecar.open()
    warned.length = 0
  })
  afterEach(() => sidecar.close())

  const initiate = (options: object, of?: Goods, data: Record<string, unknown> = {}) => {
    const logger = { warn: (words: string) => warned.push(words) }
    const payme = new PaymeProviderService({ logger }, { ...sidecar.options, ...options })
    sidecar.answers(201, session())
    return lend(of, () => payme.initiatePayment({ amount: 140000, currency_code: "uzs", data, context: { idempotency_key: "payses_1" } }))
  }
  const told = () => (sidecar.asked[0]!.body as { detail?: Detail }).detail

  it.each(["when_complete", "required"])("tells the sidecar what is bought, when fiscal is %s", async (fiscal) => {
    await initiate({ fiscal }, goods([good(140000)]))

    expect(told()).toEqual({ receipt_type: 0, items: [{ title: "Bowl", price: 14000000, count: 1, discount: 0, ...CODES }] })
  })

  it("keeps it to itself when fiscal is off", async () => {
    await initiate({}, goods([good(140000)]))

    expect(told()).toBeUndefined()
  })

  it("goes without, and says why, when something is missing", async () => {
    await initiate({ fiscal: "when_complete" }, goods([good(140000, { product: null })]))

    expect(told()).toBeUndefined()
    expect(warned).toEqual([expect.stringMatching(/payses_1 goes without fiscal lines: "Bowl": ikpu_code is missing/)])
  })

  it("asks nobody when something is missing that is required", async () => {
    await expect(initiate({ fiscal: "required" }, goods([good(140000, { product: null })]))).rejects.toMatchObject({
      type: "not_allowed",
      code: "fiscal_incomplete",
      message: expect.stringMatching(/"Bowl": ikpu_code is missing/),
    })
    expect(sidecar.asked).toEqual([])
  })

  it("takes no lines from a shopper", async () => {
    await initiate({ fiscal: "when_complete" }, undefined, { detail: { receipt_type: 0, items: [{ ...CODES, price: 14000000 }] } })

    expect(told()).toBeUndefined()
  })

  it("hands on what the sidecar says against the lines", async () => {
    const payme = new PaymeProviderService({}, { ...sidecar.options, fiscal: "required" })
    sidecar.answers(422, { type: "invalid_data", code: "detail_differs", message: "the lines come to something else" })

    const asked = lend(goods([good(140000)]), () =>
      payme.initiatePayment({ amount: 140000, currency_code: "uzs", data: {}, context: { idempotency_key: "payses_1" } })
    )

    await expect(asked).rejects.toMatchObject({ type: "not_allowed", code: "detail_differs" })
  })

  it("gives a new sum with its lines", async () => {
    const payme = new PaymeProviderService({}, { ...sidecar.options, fiscal: "required" })

    await lend(goods([good(150000)]), () => payme.updatePayment({ data: { session_id: "payses_1" }, amount: 150000, currency_code: "uzs" }))

    expect(sidecar.asked[0]!.body).toMatchObject({ amount: 15000000, detail: { items: [{ price: 15000000 }] } })
  })
})

describe("what is lent", () => {
  it("is there for all that happens in the call, and for nothing else", async () => {
    const [one, two] = [goods([good(1)]), goods([good(2)])]
    const later = async () => {
      await new Promise((resolve) => setTimeout(resolve, 1))
      return lent()
    }

    expect(await Promise.all([lend(one, later), lend(two, later), later()])).toEqual([one, two, undefined])
  })
})
