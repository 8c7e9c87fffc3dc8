import { MathBN } from "@medusajs/framework/utils"
import type { BigNumberInput } from "@medusajs/framework/types"
import { nearest, type Tiyin } from "../sidecar/tiyin"
import { codesOf, type Codes, type Source } from "./codes"

/** Payme's own shape, for the fiscal receipt; money in tiyin. */
export interface Detail {
  receipt_type: 0
  shipping?: { title: string; price: Tiyin }
  items: Item[]
}

export interface Item extends Codes {
  title: string
  price: Tiyin
  count: number
  discount: Tiyin
}

/** What is paid for, with taxes and after discounts, and what it would be without the discounts; in so'm. */
interface Priced {
  raw_total: BigNumberInput
  raw_original_total?: BigNumberInput
}

export interface Good extends Priced {
  title: string
  variant_title?: string | null
  quantity: BigNumberInput
  variant?: { metadata?: Source } | null
  product?: { metadata?: Source } | null
}

export interface Delivery extends Priced {
  name: string
}

export interface Goods {
  items: Good[]
  shipping_methods: Delivery[]
}

export type FiscalDefaults = {
  ikpu_code?: string
  package_code?: string
  vat_percent?: number
  units?: number
}

/** Without codes the delivery is Payme's `shipping`, with them a line like any other. */
export type FiscalShipping = FiscalDefaults & { title?: string }

interface Settings {
  fiscalDefaults?: FiscalDefaults
  fiscalShipping?: FiscalShipping
}

interface Share {
  paid: Tiyin
  off: Tiyin
}

// As many and as long as the sidecar takes.
const ITEMS_MAX = 100
const COUNT_MAX = 1_000_000
const TITLE_MAX = 200
const NO_NAME = "Default variant" // Medusa's own for a product of one kind

/**
 * The lines of a cart, which come to exactly `amount`; or what is missing for them, in words.
 *
 * Medusa does not round: a tax or a discount can leave fractions of a tiyin on every line, and the amount was rounded once. So
 * the sum is rounded as it grows, line by line, and a line is what it adds: each is less than a tiyin off, all together
 * are exact. What `count` does not divide becomes two lines; where there is a discount anyway, it takes the difference.
 */
export function detailOf(goods: Goods | undefined, settings: Settings, amount: Tiyin): { detail: Detail } | { missing: string[] } {
  if (!goods) {
    return { missing: ["it is not known what the payment is for: the session is not that of a storefront's cart"] }
  }
  const of = shares([...goods.items, ...goods.shipping_methods])
  const missing: string[] = []
  const items = goods.items.flatMap((good, at) => of[at]!.paid === 0 ? [] : itemsOf(good, of[at]!, settings, missing))
  const delivery = deliveryOf(goods.shipping_methods, of.slice(goods.items.length), settings.fiscalShipping)
  const detail: Detail = { receipt_type: 0, ...delivery, items: [...items, ...delivery.items] }
  const found = missing.length ? missing : wrong(detail, of, amount)
  return found.length ? { missing: found } : { detail }
}

function shares(parts: Priced[]): Share[] {
  let sum = MathBN.convert(0)
  let told = 0
  return parts.map(({ raw_total, raw_original_total }) => {
    sum = MathBN.add(sum, raw_total)
    const paid = nearest(sum) - told
    told += paid
    return { paid, off: Math.max(0, nearest(raw_original_total ?? raw_total) - nearest(raw_total)) }
  })
}

function itemsOf(good: Good, share: Share, { fiscalDefaults }: Settings, missing: string[]): Item[] {
  const title = titleOf(good)
  const found = codesOf([good.variant?.metadata, good.product?.metadata, fiscalDefaults])
  if ("missing" in found) {
    missing.push(`"${title}": ${found.missing.join(", ")}`)
    return []
  }
  const count = MathBN.convert(good.quantity).toNumber()
  if (!Number.isInteger(count) || count < 1 || count > COUNT_MAX) {
    return [whole(clean(`${title} × ${count}`), share, found.codes)] // 1.5 kg: Payme counts in whole numbers
  }
  return counted(count, share).map((line) => ({ title, ...line, ...found.codes }))
}

function counted(count: number, { paid, off }: Share): Pick<Item, "price" | "count" | "discount">[] {
  if (off > 0) {
    const full = paid + off + count - 1
    const price = (full - (full % count)) / count
    return [{ price, count, discount: price * count - paid }]
  }
  const rest = paid % count
  const price = (paid - rest) / count
  const parts = [
    { price, count: count - rest, discount: 0 },
    { price: price + 1, count: rest, discount: 0 },
  ]
  return parts.filter((part) => part.price * part.count > 0)
}

function whole(title: string, { paid, off }: Share, codes: Codes): Item {
  return { title, price: paid + off, count: 1, discount: off, ...codes }
}

function deliveryOf(methods: Delivery[], of: Share[], settings: FiscalShipping = {}): Pick<Detail, "shipping" | "items"> {
  const share = of.reduce((sum, { paid, off }) => ({ paid: sum.paid + paid, off: sum.off + off }), { paid: 0, off: 0 })
  if (share.paid === 0) {
    return { items: [] }
  }
  const title = clean(settings.title ?? methods.map(({ name }) => name).join(", "))
  const found = codesOf([settings])
  return "codes" in found
    ? { items: [whole(title, share, found.codes)] }
    : { items: [], shipping: { title, price: share.paid } }
}

/** What would make it a wrong receipt, though every code is there. */
function wrong({ items, shipping }: Detail, of: Share[], amount: Tiyin): string[] {
  const sum = items.reduce((total, { price, count, discount }) => total + price * count - discount, shipping?.price ?? 0)
  const found: [boolean, string][] = [
    [of.some(({ paid }) => !(paid >= 0)), "a line comes to less than nothing"],
    [!items.length, "nothing but the delivery is paid for"],
    [items.length > ITEMS_MAX, `there are ${items.length} lines, and a receipt takes ${ITEMS_MAX}`],
    [sum !== amount, `the lines come to ${sum} tiyin, and ${amount} are to be paid`],
  ]
  return found.filter(([is]) => is).map(([, words]) => words)
}

function titleOf({ title, variant_title }: Good): string {
  const kind = variant_title && variant_title !== NO_NAME && variant_title !== title ? `, ${variant_title}` : ""
  return clean(title + kind)
}

function clean(title: string): string {
  const line = title.replace(/[\p{Cc}\p{Cs}\s]+/gu, " ").trim()
  return [...line].slice(0, TITLE_MAX).join("").trim() || "—"
}
