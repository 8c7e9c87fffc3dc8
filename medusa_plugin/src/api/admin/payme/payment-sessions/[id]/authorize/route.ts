import type { AuthenticatedMedusaRequest, MedusaResponse } from "@medusajs/framework/http"
import { answer } from "../../../../../../purchase/answer"
import { perform } from "../../../../../../purchase/perform"
import type { Performed } from "../../../../../../purchase/told"

/** After a PerformTransaction: places the order and books its payment. */
export const POST = (req: AuthenticatedMedusaRequest<Performed>, res: MedusaResponse) =>
  answer(req, res, () => perform(req.scope, req.params.id!, req.validatedBody))
