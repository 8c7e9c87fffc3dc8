import type { MedusaContainer } from "@medusajs/framework/types"
import { read } from "../purchase/books"
import { optionsOf } from "../sidecar/connection"
import type { Goods } from "./detail"

const PRICED = ["id", "total", "raw_total", "original_total", "raw_original_total"]
const ITEM = [...PRICED, "title", "variant_title", "quantity", "raw_quantity", "variant.metadata", "product.metadata"]
const METHOD = [...PRICED, "name", "amount", "raw_amount"]
const FIELDS = ["id", "total", ...ITEM.map((field) => `items.${field}`), ...METHOD.map((field) => `shipping_methods.${field}`)]

/** What a cart is made of, if the shop wants Payme to know it: a provider that is off costs no question. */
export async function goodsOf(scope: MedusaContainer, providerId: unknown, cartId: string): Promise<Goods | undefined> {
  const { fiscal } = optionsOf(scope, String(providerId)) ?? {}
  if (!fiscal || fiscal === "off") {
    return undefined
  }
  const cart: Partial<Goods> | undefined = await read(scope, "cart", FIELDS, { id: cartId })
  return cart && { items: cart.items ?? [], shipping_methods: cart.shipping_methods ?? [] }
}
