import { ContainerRegistrationKeys } from "@medusajs/framework/utils"
import type { MedusaRequest, MedusaResponse } from "@medusajs/framework/http"
import { Refusal } from "./refusal"

/**
 * Answers the sidecar. Only a Refusal may be a 404 or 409, for those park the message for ever: Medusa's own conflicts
 * and missing rows are not final, so they become 503 and are asked again.
 */
export async function answer(req: MedusaRequest, res: MedusaResponse, work: () => Promise<object>): Promise<void> {
  const logger = req.scope.resolve(ContainerRegistrationKeys.LOGGER)
  try {
    res.json(await work())
  } catch (failure) {
    const { message } = failure as Error
    if (failure instanceof Refusal) {
      logger.warn(`Payme: ${failure.code}: ${message}`)
      res.status(failure.status).json({ type: "not_allowed", code: failure.code, message })
    } else {
      logger.error(`Payme: payment session ${req.params.id} is not settled and will be asked about again: ${message}`)
      res.status(503).json({ type: "unexpected_state", code: "ask_again", message })
    }
  }
}
