import { ContainerRegistrationKeys, Modules, type PaymentSessionStatus } from "@medusajs/framework/utils"
import type { BigNumberInput, MedusaContainer } from "@medusajs/framework/types"

/** The first that there is; what its fields are, the caller knows. */
export async function read(scope: MedusaContainer, entity: string, fields: string[], filters: object): Promise<any> {
  const query = scope.resolve(ContainerRegistrationKeys.QUERY)
  return (await query.graph({ entity, fields, filters } as Parameters<typeof query.graph>[0])).data[0]
}

/** Methods of the payment module that only write, and ask no provider; Medusa makes them without declaring them all. */
interface Books {
  updatePaymentSessions(change: { id: string; status: PaymentSessionStatus }): Promise<unknown>
  updatePaymentCollections(
    id: string,
    change: { amount?: BigNumberInput; currency_code?: string; refunded_amount?: BigNumberInput }
  ): Promise<unknown>
}

export function books(scope: MedusaContainer): Books {
  return scope.resolve(Modules.PAYMENT) as unknown as Books
}
