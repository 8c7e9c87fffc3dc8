import type { AuthenticatedMedusaRequest, MedusaResponse } from "@medusajs/framework/http"
import { asked, payments } from "../../../../purchase/payments"

/** Medusa's book of Payme's payments, page by page: `payme-sidecar reconcile` compares it with its own. */
export const GET = async (req: AuthenticatedMedusaRequest, res: MedusaResponse) => {
  res.json(await payments(req.scope, asked(req.query)))
}
