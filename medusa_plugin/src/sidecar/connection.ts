import { ContainerRegistrationKeys, MedusaError, Modules } from "@medusajs/framework/utils"
import type { MedusaContainer } from "@medusajs/framework/types"
import { Sidecar } from "./client"
import { validated, type PaymeOptions } from "./options"

export const PREFIX = "pp_payme_"

interface Provider {
  id?: string
  options?: Record<string, unknown>
}

export function isPayme(providerId: string | null | undefined): boolean {
  return providerId?.startsWith(PREFIX) ?? false
}

/** The sidecar behind a provider id such as `pp_payme_payme`, by the options the shop gave the provider. */
export function sidecarOf(scope: MedusaContainer, providerId: string): Sidecar {
  const options = optionsOf(scope, providerId)
  if (!options) {
    throw new MedusaError(MedusaError.Types.UNEXPECTED_STATE, `${providerId} is not among the payment providers.`)
  }
  return new Sidecar(options)
}

/** What the shop has said in `medusa-config` of a provider, if it is one of Payme's. */
export function optionsOf(scope: MedusaContainer, providerId: string): PaymeOptions | undefined {
  const { modules } = scope.resolve(ContainerRegistrationKeys.CONFIG_MODULE)
  const payment = modules?.[Modules.PAYMENT]
  const options = payment && typeof payment === "object" ? payment.options : undefined
  const providers = (options?.providers ?? []) as Provider[]
  const provider = providers.find(({ id }) => `${PREFIX}${id}` === providerId)
  return provider && validated(provider.options ?? {})
}
