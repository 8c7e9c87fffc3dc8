import type { AuthenticatedMedusaRequest, MedusaResponse } from "@medusajs/framework/http"
import { answer } from "../../../../../../purchase/answer"
import { takeBack } from "../../../../../../purchase/take-back"
import type { TakenBack } from "../../../../../../purchase/told"

/** After Payme has taken a performed payment back: refunds and cancels the order. */
export const POST = (req: AuthenticatedMedusaRequest<TakenBack>, res: MedusaResponse) =>
  answer(req, res, () => takeBack(req.scope, req.params.id!, req.validatedBody))
