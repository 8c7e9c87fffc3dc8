import { defineMiddlewares, validateAndTransformBody } from "@medusajs/framework/http"
import type { MedusaNextFunction, MedusaRequest, MedusaResponse } from "@medusajs/framework/http"
import { Modules } from "@medusajs/framework/utils"
import { goodsOf } from "../fiscal/goods"
import { lend } from "../fiscal/lent"
import { admitChoice, cartOf, holdCompletion } from "../guards/cart"
import { holdOrder, holdPayment } from "../guards/order"
import { Performed, TakenBack } from "../purchase/told"

type Handler = (req: MedusaRequest, res: MedusaResponse, next: MedusaNextFunction) => void
type Guard = (scope: MedusaRequest["scope"], id: string) => Promise<void>

const LOCK_WAIT = 10 // seconds
const ABANDONED = 15_000 // milliseconds that a request may still be at work after its caller has gone

const guarded =
  (guard: Guard): Handler =>
  (req, _, next) => {
    guard(req.scope, req.params.id!).then(() => next(), next)
  }

/**
 * One choice at a time, and none beside a change of the cart: the key is the one that Medusa's own cart workflows take. Without it
 * a double click makes two links that both can be paid, and a change of the cart at the same moment a link for its old sum.
 */
const choosing: Handler = (req, res, next) => {
  const choose = async () => {
    const cart = await cartOf(req.scope, req.params.id!)
    if (!cart) {
      return next() // an order's own collection, say after an edit
    }
    await req.scope.resolve(Modules.LOCKING).execute(
      [cart.id],
      async () => {
        await admitChoice(req.scope, (await cartOf(req.scope, req.params.id!)) ?? cart)
        disown(req.body)
        disown(req.validatedBody)
        lend(await goodsOf(req.scope, (req.body as { provider_id?: unknown } | undefined)?.provider_id, cart.id), next)
        await ended(res)
      },
      { timeout: LOCK_WAIT }
    )
  }
  choose().catch(next)
}

/** Until the provider has answered, Medusa keeps what the shopper sent: no session of somebody else may be named there. */
function disown(body: unknown): void {
  const data = (body as { data?: { session_id?: unknown } | null } | undefined)?.data
  if (data && typeof data === "object") {
    delete data.session_id
  }
}

function ended(res: MedusaResponse): Promise<void> {
  return new Promise((resolve) => {
    res.once("finish", () => resolve())
    res.once("close", () => setTimeout(resolve, res.writableFinished ? 0 : ABANDONED).unref())
  })
}

export default defineMiddlewares({
  routes: [
    {
      method: "POST",
      matcher: "/admin/payme/payment-sessions/:id/authorize",
      middlewares: [validateAndTransformBody(Performed)],
    },
    {
      method: "POST",
      matcher: "/admin/payme/payment-sessions/:id/cancel",
      middlewares: [validateAndTransformBody(TakenBack)],
    },
    { method: "POST", matcher: "/store/payment-collections/:id/payment-sessions", middlewares: [choosing] },
    { method: "POST", matcher: "/store/carts/:id/complete", middlewares: [guarded(holdCompletion)] },
    { method: "POST", matcher: "/admin/orders/:id/cancel", middlewares: [guarded(holdOrder)] },
    { method: "POST", matcher: "/admin/payments/:id/refund", middlewares: [guarded(holdPayment)] },
  ],
})
