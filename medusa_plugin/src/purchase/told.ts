import { z } from "@medusajs/framework/zod"

const movement = { transaction_id: z.string().min(1), amount: z.number().int().positive() }

/** What the sidecar tells after a PerformTransaction; amounts in tiyin, times in milliseconds (contract, section 5). */
export const Performed = open(z.object({ ...movement, perform_time: z.number().int() }))

/** What it tells when Payme has taken a performed payment back. */
export const TakenBack = open(
  z.object({ ...movement, reason: z.number().int().nullable().optional(), cancel_time: z.number().int() })
)

export type Performed = z.infer<typeof Performed>
export type TakenBack = z.infer<typeof TakenBack>

/** Medusa refuses what a plain object does not list; a newer sidecar may say more than we know. */
function open<Shape extends z.ZodType>(shape: Shape) {
  return shape.transform((told) => told)
}
