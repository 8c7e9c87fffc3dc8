import { MedusaError } from "@medusajs/framework/utils"
import { codesOf, WORDS } from "../fiscal/codes"
import type { FiscalDefaults, FiscalShipping } from "../fiscal/detail"

const FISCAL = ["off", "when_complete", "required"] as const

/** What a shop says in `medusa-config` under the provider. */
export interface PaymeOptions {
  /** Where the sidecar's provider API listens; inside the shop's network, e.g. `http://127.0.0.1:8700`. */
  sidecarUrl: string
  /** The sidecar's `SIDECAR_API_KEY`. */
  sidecarApiKey: string
  /**
   * Whether Payme is told what is bought, for the fiscal receipt: not at all (the default), whenever every code is known, or
   * always; then a cart with a code missing cannot be paid with Payme.
   */
  fiscal?: (typeof FISCAL)[number]
  /** Codes of goods that have none of their own in metadata, e.g. `{ vat_percent: 12 }`. */
  fiscalDefaults?: FiscalDefaults
  /** The name of the delivery on the receipt, and its codes, if it is to be a line of its own. */
  fiscalShipping?: FiscalShipping
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
  return { sidecarUrl, sidecarApiKey, ...fiscal(options) }
}

function fiscal(options: Record<string, unknown>): Pick<PaymeOptions, "fiscal" | "fiscalDefaults" | "fiscalShipping"> {
  const { fiscal = "off", fiscalDefaults = {}, fiscalShipping = {} } = options
  if (!(FISCAL as readonly unknown[]).includes(fiscal)) {
    throw impossible("fiscal", `one of ${FISCAL.join(", ")}`)
  }
  known("fiscalDefaults", fiscalDefaults, Object.keys(WORDS))
  known("fiscalShipping", fiscalShipping, ["title", ...Object.keys(WORDS)])
  const { title, ...codes } = fiscalShipping as FiscalShipping
  const found = codesOf([codes])
  if (Object.keys(codes).length && "missing" in found) {
    throw impossible("fiscalShipping", found.missing.join(", "))
  }
  if (title !== undefined && (typeof title !== "string" || !title.trim())) {
    throw impossible("fiscalShipping", "title must be text")
  }
  return { fiscal, fiscalDefaults, fiscalShipping } as Pick<PaymeOptions, "fiscal" | "fiscalDefaults" | "fiscalShipping">
}

function known(option: string, value: unknown, keys: string[]): void {
  const members = value && typeof value === "object" ? Object.entries(value) : undefined
  if (!members || members.some(([key]) => !keys.includes(key))) {
    throw impossible(option, `an object of ${keys.join(", ")}`)
  }
  const wrong = members.find(([key, its]) => its !== undefined && WORDS[key] && WORDS[key].read(its) === undefined)
  if (wrong) {
    throw impossible(option, `${wrong[0]} must be ${WORDS[wrong[0]]!.wanted}`)
  }
}

function protocol(url: string): string {
  return URL.canParse(url) ? new URL(url).protocol : ""
}

function impossible(option: string, wanted: string): MedusaError {
  return new MedusaError(MedusaError.Types.INVALID_DATA, `The Payme provider needs the option ${option}: ${wanted}.`)
}
