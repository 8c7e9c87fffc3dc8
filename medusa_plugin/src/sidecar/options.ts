import { MedusaError } from "@medusajs/framework/utils"

/** What a shop says in `medusa-config` under the provider. */
export interface PaymeOptions {
  /** Where the sidecar's provider API listens; inside the shop's network, e.g. `http://127.0.0.1:8700`. */
  sidecarUrl: string
  /** The sidecar's `SIDECAR_API_KEY`. */
  sidecarApiKey: string
}

/** @throws MedusaError invalid_data which names the option; Medusa then refuses to start */
export function validated(options: Record<string, unknown>): PaymeOptions {
  const { sidecarUrl, sidecarApiKey } = options
  if (typeof sidecarUrl !== "string" || !/^https?:$/.test(protocol(sidecarUrl))) {
    throw impossible("sidecarUrl", "an http:// or https:// address, e.g. http://127.0.0.1:8700")
  }
  if (typeof sidecarApiKey !== "string" || !sidecarApiKey) {
    throw impossible("sidecarApiKey", "the sidecar's SIDECAR_API_KEY")
  }
  return { sidecarUrl, sidecarApiKey }
}

function protocol(url: string): string {
  return URL.canParse(url) ? new URL(url).protocol : ""
}

function impossible(option: string, wanted: string): MedusaError {
  return new MedusaError(MedusaError.Types.INVALID_DATA, `The Payme provider needs the option ${option}: ${wanted}.`)
}
