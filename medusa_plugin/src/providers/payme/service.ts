import { AbstractPaymentProvider, MedusaError, PaymentActions, PaymentSessionStatus } from "@medusajs/framework/utils"
import type {
  AuthorizePaymentInput,
  AuthorizePaymentOutput,
  CancelPaymentInput,
  CancelPaymentOutput,
  CapturePaymentInput,
  CapturePaymentOutput,
  DeletePaymentInput,
  DeletePaymentOutput,
  GetPaymentStatusInput,
  GetPaymentStatusOutput,
  InitiatePaymentInput,
  InitiatePaymentOutput,
  Logger,
  RefundPaymentInput,
  RefundPaymentOutput,
  RetrievePaymentInput,
  RetrievePaymentOutput,
  UpdatePaymentInput,
  UpdatePaymentOutput,
  WebhookActionResult,
} from "@medusajs/framework/types"
import { detailOf, type Detail } from "../../fiscal/detail"
import { lent } from "../../fiscal/lent"
import { Denied, Sidecar, type PaymeSession } from "../../sidecar/client"
import { validated, type PaymeOptions } from "../../sidecar/options"
import { tiyin, type Tiyin } from "../../sidecar/tiyin"
import { wayBack } from "./way-back"

type Data = Record<string, unknown>

const STATUSES: Record<PaymeSession["status"], PaymentSessionStatus> = {
  pending: PaymentSessionStatus.PENDING,
  captured: PaymentSessionStatus.CAPTURED,
  canceled: PaymentSessionStatus.CANCELED,
}

/**
 * Payme as Medusa sees it: a thin client of the sidecar.
 *
 * `data` of a session can be written by the shopper, so it is never believed: what was paid is asked of the sidecar, every
 * time. Errors are MedusaErrors with words for the shopper or the admin; a sidecar that cannot be asked is never taken
 * for a "no".
 */
export default class PaymeProviderService extends AbstractPaymentProvider<PaymeOptions> {
  static identifier = "payme"

  private readonly sidecar: Sidecar
  private readonly settings: PaymeOptions
  private readonly logger: Logger | undefined

  static validateOptions(options: Record<string, unknown>): void {
    validated(options)
  }

  constructor(container: Record<string, unknown>, options: PaymeOptions) {
    super(container, options)
    this.settings = validated({ ...options })
    this.sidecar = new Sidecar(this.settings)
    this.logger = container.logger as Logger | undefined
  }

  /** Registers what is owed. `data.checkout_url` is where the shopper pays; nothing in `data` is secret. */
  async initiatePayment({ amount, currency_code, data, context }: InitiatePaymentInput): Promise<InitiatePaymentOutput> {
    if (currency_code.toLowerCase() !== "uzs") {
      throw new MedusaError(MedusaError.Types.INVALID_DATA, "Payme takes so'm (uzs) only.")
    }
    const id = context?.idempotency_key ?? sessionId(data)
    const owed = { id, amount: tiyin(amount), currency_code: "uzs", ...wayBack(data), detail: this.detail(id, tiyin(amount)) }
    const session = await this.answered(this.sidecar.register(owed))
    return { id, status: PaymentSessionStatus.PENDING, data: ours(session) }
  }

  /** Medusa 2.21 deletes a session when the cart changes and never calls this; it is here for whoever does. */
  async updatePayment({ amount, data }: UpdatePaymentInput): Promise<UpdatePaymentOutput> {
    const [id, owed] = [sessionId(data), tiyin(amount)]
    const session = await this.answered(this.sidecar.update(id, { amount: owed, detail: this.detail(id, owed) ?? null }))
    return { status: STATUSES[session.status], data: ours(session) }
  }

  /** "Captured", or "requires more", which leaves the cart as it is and the session payable. */
  async authorizePayment({ data, context }: AuthorizePaymentInput): Promise<AuthorizePaymentOutput> {
    const session = await this.answered(this.sidecar.authorize(context?.idempotency_key ?? sessionId(data)))
    if (session.status !== "captured") {
      throw new MedusaError(MedusaError.Types.PAYMENT_REQUIRES_MORE_ERROR, "The Payme payment has not arrived yet.")
    }
    return { status: PaymentSessionStatus.CAPTURED, data: ours(session) }
  }

  /** Payme charges in one stage: there is nothing to capture, only to confirm. */
  async capturePayment({ data }: CapturePaymentInput): Promise<CapturePaymentOutput> {
    return { data: ours(await this.answered(this.sidecar.capture(sessionId(data)))) }
  }

  /** Lets through what Payme has already taken back; Payme's Merchant API has no call for a refund of ours. */
  async refundPayment({ data }: RefundPaymentInput): Promise<RefundPaymentOutput> {
    return { data: ours(await this.answered(this.sidecar.refund(sessionId(data)))) }
  }

  /**
   * Closes the session and never touches money. Medusa also calls this when it has lost a race against itself, with the
   * data of the payment that won: that the session is paid is then no error.
   */
  async cancelPayment({ data }: CancelPaymentInput): Promise<CancelPaymentOutput> {
    await this.sidecar.cancel(sessionId(data)).catch(unlessDenied(404, "already_paid"))
    return { data }
  }

  /** Closes the session: Payme can no longer pay it. A paid one is not given up: Medusa must keep it. */
  async deletePayment({ data }: DeletePaymentInput): Promise<DeletePaymentOutput> {
    if (data?.session_id === undefined) {
      return { data } // it never got as far as the sidecar
    }
    await this.answered(this.sidecar.close(sessionId(data)).catch(unlessDenied(404)))
    return { data }
  }

  async retrievePayment({ data }: RetrievePaymentInput): Promise<RetrievePaymentOutput> {
    return { data: ours(await this.answered(this.sidecar.session(sessionId(data)))) }
  }

  async getPaymentStatus({ data }: GetPaymentStatusInput): Promise<GetPaymentStatusOutput> {
    const session = await this.answered(this.sidecar.session(sessionId(data)))
    return { status: STATUSES[session.status], data: ours(session) }
  }

  /** Payme calls the sidecar, never Medusa: whatever arrives at Medusa's own webhook is not from Payme. */
  async getWebhookActionAndData(): Promise<WebhookActionResult> {
    return { action: PaymentActions.NOT_SUPPORTED }
  }

  /** What is bought, for the fiscal receipt, as far as the shop wants Payme to know it. */
  private detail(id: string, amount: Tiyin): Detail | undefined {
    const { fiscal } = this.settings
    if (fiscal === "off") {
      return undefined
    }
    const found = detailOf(lent(), this.settings, amount)
    if ("detail" in found) {
      return found.detail
    }
    const missing = found.missing.join("; ")
    if (fiscal === "required") {
      throw new MedusaError(MedusaError.Types.NOT_ALLOWED, `Payme cannot make a fiscal receipt of this cart: ${missing}.`, "fiscal_incomplete")
    }
    this.logger?.warn(`Payme: payment session ${id} goes without fiscal lines: ${missing}.`)
    return undefined
  }

  private async answered<T>(asked: Promise<T>): Promise<T> {
    return asked.catch((failure: Error) => {
      throw failure instanceof Denied ? inMedusasWords(failure) : failure
    })
  }
}

function inMedusasWords({ status, code, message }: Denied): MedusaError {
  const type = status === 404 ? MedusaError.Types.NOT_FOUND : MedusaError.Types.NOT_ALLOWED
  return new MedusaError(type, message, code)
}

function unlessDenied(...expected: (number | string)[]) {
  return (failure: Error): null => {
    if (failure instanceof Denied && (expected.includes(failure.status) || expected.includes(failure.code))) {
      return null
    }
    throw failure
  }
}

function sessionId(data: Data | undefined): string {
  if (typeof data?.session_id !== "string") {
    throw new MedusaError(MedusaError.Types.INVALID_DATA, "This is not the data of a Payme payment session.")
  }
  return data.session_id
}

/** Our own keys, all of them, so that none a shopper has sent survives. */
function ours({ id, payment_url, qr_url, transaction, fiscal_receipts }: PaymeSession): Data {
  return { session_id: id, checkout_url: payment_url, qr_url, transaction, fiscal_receipts: fiscal_receipts ?? [] }
}
