import { BigNumber, MathBN, MedusaError } from "@medusajs/framework/utils"
import type { BigNumberInput } from "@medusajs/framework/types"

/** A whole number of tiyin; 1 so'm = 100 tiyin. */
export type Tiyin = number

const HALF_UP = 4 // bignumber.js's word
const DECIMAL = /^(\d+)(?:\.(\d+))?$/

/**
 * Turns an amount as Medusa has it (so'm, a decimal) into whole tiyin, half a tiyin upwards. The only place that does.
 *
 * Medusa does not round so'm: 12 % tax on a price can give 128799.9888. The digits are read as text, so no binary
 * fraction is ever involved, and the checkout link and the later comparison cannot disagree.
 *
 * @throws MedusaError invalid_data for zero, negative amounts and those too great to be exact
 */
export function tiyin(som: BigNumberInput): Tiyin {
  const digits = DECIMAL.exec(String(new BigNumber(som).raw?.value ?? ""))
  const amount = digits ? Number(wholeTiyin(digits[1]!, digits[2] ?? "")) : 0
  if (amount <= 0 || !Number.isSafeInteger(amount)) {
    throw new MedusaError(MedusaError.Types.INVALID_DATA, "Payme takes a positive amount of so'm.")
  }
  return amount
}

/** The same rounding for the parts of an amount, which may be nothing; exact below 2 to the 53. */
export function nearest(som: BigNumberInput): Tiyin {
  return MathBN.convert(som).times(100).integerValue(HALF_UP).toNumber() + 0 // + 0, or less than half a tiyin too little is -0
}

function wholeTiyin(whole: string, fraction: string): bigint {
  const [cents, rest] = [fraction.slice(0, 2).padEnd(2, "0"), fraction.slice(2)]
  return BigInt(whole + cents) + (rest >= "5" ? 1n : 0n)
}
