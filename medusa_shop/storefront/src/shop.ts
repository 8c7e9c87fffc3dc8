/** Everything this storefront asks of Medusa. No other file calls it. */
import Medusa, { FetchError } from "@medusajs/js-sdk"
import type { HttpTypes } from "@medusajs/types"
import { findPaymeSession } from "payme-storefront"
import type { Config } from "./config"
import type { Place } from "./route"

export type Cart = HttpTypes.StoreCart
export type Order = HttpTypes.StoreOrder
export type Product = HttpTypes.StoreProduct
export type Delivery = HttpTypes.StoreCartShippingOption
export type PaymentSession = HttpTypes.StorePaymentSession
export type Completion = HttpTypes.StoreCompleteCartResponse

export const ADDRESS_FIELDS = ["first_name", "last_name", "phone", "city", "address_1", "postal_code"] as const
export type Address = Record<(typeof ADDRESS_FIELDS)[number], string>

const LIVE: readonly string[] = ["pending", "authorized", "captured"]
const CART_ID = "medusa-shop:cart-id"
const ORDER_ID = "medusa-shop:order-id"
const CART = { fields: "+items.total,+shipping_methods.name" }
const ORDER = { fields: "+payment_status,+items.product_handle" }

export class Shop {
  private readonly sdk: Medusa

  constructor(
    { backendUrl, publishableKey }: Config,
    private readonly storage: Storage
  ) {
    this.sdk = new Medusa({ baseUrl: backendUrl, publishableKey })
  }

  async products(place: Place): Promise<Product[]> {
    const region_id = (await this.region(place)).id
    const fields = "id,title,handle,description,*variants,*variants.calculated_price"
    return (await this.sdk.store.product.list({ region_id, fields, limit: 24 })).products
  }

  /** The cart of this browser, completed or not: a paid one is completed by the sidecar before the shopper is back. */
  async cart(): Promise<Cart | null> {
    const id = this.storage.getItem(CART_ID)
    if (!id) {
      return null
    }
    try {
      return (await this.sdk.store.cart.retrieve(id, CART)).cart
    } catch (failure) {
      if (failure instanceof FetchError && failure.status === 404) {
        this.storage.removeItem(CART_ID)
        return null
      }
      throw failure
    }
  }

  /** The cart of this browser has become an order; another tab may come asking what became of it. */
  keepOrder(id: string): void {
    this.storage.removeItem(CART_ID)
    this.storage.setItem(ORDER_ID, id)
  }

  lastOrder(): string | null {
    return this.storage.getItem(ORDER_ID)
  }

  async add(variant_id: string, place: Place): Promise<Cart> {
    const cart = await this.openCart(place)
    return (await this.sdk.store.cart.createLineItem(cart.id, { variant_id, quantity: 1 }, CART)).cart
  }

  async setQuantity(cart: Cart, lineId: string, quantity: number): Promise<Cart | null> {
    if (quantity > 0) {
      return (await this.sdk.store.cart.updateLineItem(cart.id, lineId, { quantity }, CART)).cart
    }
    await this.sdk.store.cart.deleteLineItem(cart.id, lineId)
    return this.cart()
  }

  async setAddress(cart: Cart, email: string, address: Address, { country }: Place): Promise<Cart> {
    const whole = { ...address, country_code: country }
    const body = { email, shipping_address: whole, billing_address: whole }
    return (await this.sdk.store.cart.update(cart.id, body, CART)).cart
  }

  async deliveries(cart: Cart): Promise<Delivery[]> {
    return (await this.sdk.store.fulfillment.listCartOptions({ cart_id: cart.id })).shipping_options
  }

  async setDelivery(cart: Cart, option_id: string): Promise<Cart> {
    return (await this.sdk.store.cart.addShippingMethod(cart.id, { option_id }, CART)).cart
  }

  async paymentProviders({ region_id = "" }: Cart): Promise<string[]> {
    const { payment_providers } = await this.sdk.store.payment.listPaymentProviders({ region_id })
    return payment_providers.map(({ id }) => id)
  }

  /**
   * A live session is kept: a new one would close the link that the shopper may have open elsewhere. Only when the
   * payment button has sent the shopper back, the session is known to be of no use, and `renew` asks for another.
   */
  async choosePayment(cart: Cart, provider_id: string, place: Place, renew: boolean): Promise<Cart | null> {
    const now = (await this.cart()) ?? cart
    const session = sessionOf(now)
    if (renew || session?.provider_id !== provider_id || !LIVE.includes(session.status)) {
      const data = { locale: place.locale, country_code: place.country } // for the way back from Payme
      await this.sdk.store.payment.initiatePaymentSession(now, { provider_id, data })
    }
    return this.cart()
  }

  complete(cart: Cart): Promise<Completion> {
    return this.sdk.store.cart.complete(cart.id)
  }

  async order(id: string): Promise<Order> {
    return (await this.sdk.store.order.retrieve(id, ORDER)).order
  }

  private async openCart(place: Place): Promise<Cart> {
    const cart = await this.cart()
    if (cart && !cart.completed_at) {
      return cart
    }
    const fresh = (await this.sdk.store.cart.create({ region_id: (await this.region(place)).id })).cart
    this.storage.setItem(CART_ID, fresh.id)
    this.storage.removeItem(ORDER_ID)
    return fresh
  }

  private async region({ country }: Place): Promise<HttpTypes.StoreRegion> {
    const { regions } = await this.sdk.store.region.list()
    const found = regions.find(({ countries }) => countries?.some(({ iso_2 }) => iso_2 === country))
    if (!found) {
      throw new Error(`Medusa has no region for "${country}".`)
    }
    return found
  }
}

/** The session that this cart is or was to be paid with: Payme's in whatever status, else one that can be paid. */
export function sessionOf({ payment_collection }: Cart): PaymentSession | undefined {
  const sessions = payment_collection?.payment_sessions
  return findPaymeSession(sessions) ?? sessions?.find(({ status }) => LIVE.includes(status))
}

/** Something is in it, and it can still be bought. */
export function isOpen({ completed_at, items }: Cart): boolean {
  return !completed_at && Boolean(items?.length)
}
