import type { AuthenticatedMedusaRequest, MedusaResponse } from "@medusajs/framework/http"
import { answer } from "../../../../../purchase/answer"
import { account } from "../../../../../purchase/account"

/** What the sidecar knows of a payment now, its fiscal receipts among it: they come after the order is placed. */
export const GET = (req: AuthenticatedMedusaRequest, res: MedusaResponse) =>
  answer(req, res, () => account(req.scope, req.params.id!))
