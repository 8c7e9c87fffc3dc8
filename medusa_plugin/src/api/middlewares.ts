import { defineMiddlewares, validateAndTransformBody } from "@medusajs/framework/http"
import type { MedusaNextFunction, MedusaRequest, MedusaResponse } from "@medusajs/framework/http"
import { holdSession } from "../guards/cart"
import { holdOrder } from "../guards/order"
import { Performed, TakenBack } from "../purchase/told"

type Guard = (req: MedusaRequest) => Promise<void>

const guarded = (guard: Guard) => (req: MedusaRequest, _: MedusaResponse, next: MedusaNextFunction) => {
  guard(req).then(() => next(), next)
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
    {
      method: "POST",
      matcher: "/store/payment-collections/:id/payment-sessions",
      middlewares: [guarded((req) => holdSession(req.scope, req.params.id!))],
    },
    {
      method: "POST",
      matcher: "/admin/orders/:id/cancel",
      middlewares: [guarded((req) => holdOrder(req.scope, req.params.id!))],
    },
  ],
})
