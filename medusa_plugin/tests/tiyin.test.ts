import { BigNumber } from "@medusajs/framework/utils"
import { describe, expect, it } from "vitest"
import { tiyin } from "../src/sidecar/tiyin"

describe("an amount of so'm in tiyin", () => {
  it.each([
    [140000, 14000000],
    ["140000", 14000000],
    [{ value: "140000", precision: 20 }, 14000000],
    [new BigNumber(140000), 14000000],
    [0.01, 1],
    [99999.99, 9999999],
    [314999.97, 31499997],
    ["30000000.55", 3000000055],
    ["90071992547409.91", 9007199254740991],
  ])("is exact for %j", (som, amount) => {
    expect(tiyin(som)).toBe(amount)
  })

  it.each([
    ["128799.9888", 12879999],
    ["128799.984999", 12879998],
    ["128799.985", 12879999],
    ["0.005", 1],
    ["1.005", 101], // 1.005 * 100 is 100.49999999999999 for a machine that counts in binary fractions
    [1.005, 101],
    ["8.115", 812],
  ])("rounds half a tiyin of %j upwards", (som, amount) => {
    expect(tiyin(som)).toBe(amount)
  })

  it.each([[0], ["0"], ["0.004"], [-1], ["-0.01"], [Number.POSITIVE_INFINITY], ["90071992547409.92"], ["1e30"]])(
    "is refused for %j",
    (som) => {
      expect(() => tiyin(som)).toThrow(expect.objectContaining({ type: "invalid_data" }))
    }
  )
})
