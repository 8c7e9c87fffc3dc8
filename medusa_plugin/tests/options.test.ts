import { describe, expect, it } from "vitest"
import PaymeProviderService from "../src/providers/payme/service"
import { isPayme, sidecarOf } from "../src/sidecar/connection"
import { FakeSidecar } from "./sidecar"

const GOOD = { sidecarUrl: "http://127.0.0.1:8700", sidecarApiKey: "sk_sidecar" }

describe("the options of the provider", () => {
  it("are accepted when both are there", () => {
    expect(() => PaymeProviderService.validateOptions(GOOD)).not.toThrow()
  })

  it.each([
    ["sidecarUrl", undefined],
    ["sidecarUrl", ""],
    ["sidecarUrl", "127.0.0.1:8700"],
    ["sidecarUrl", "ftp://127.0.0.1"],
    ["sidecarUrl", 8700],
    ["sidecarApiKey", undefined],
    ["sidecarApiKey", ""],
  ])("stop the start with a line that names %s when it is %j", (name, value) => {
    expect(() => PaymeProviderService.validateOptions({ ...GOOD, [name]: value })).toThrow(new RegExp(`option ${name}`))
  })

  it("never put the key into the error", () => {
    expect(() => PaymeProviderService.validateOptions({ ...GOOD, sidecarUrl: "nowhere" })).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining(GOOD.sidecarApiKey) })
    )
  })
})

describe("the sidecar behind a provider id", () => {
  const scope = (providers: object[]) => ({ resolve: () => ({ modules: { payment: { options: { providers } } } }) }) as never

  it("is the one of that provider, when a shop has two", async () => {
    const [main, other] = [await FakeSidecar.open(), await FakeSidecar.open()]
    const providers = [
      { id: "payme", options: main.options },
      { id: "second", options: other.options },
    ]

    await sidecarOf(scope(providers), "pp_payme_second").session("payses_1")

    expect([main.asked.length, other.asked.length]).toEqual([0, 1])
    await Promise.all([main.close(), other.close()])
  })

  it("is missed loudly when the payment module does not have the provider", () => {
    expect(() => sidecarOf(scope([]), "pp_payme_payme")).toThrow(/pp_payme_payme/)
  })

  it.each([
    ["pp_payme_payme", true],
    ["pp_payme_second", true],
    ["pp_stripe_stripe", false],
    ["pp_paymenow_x", false],
    [null, false],
    [undefined, false],
  ])("knows whether %s is Payme", (id, expected) => {
    expect(isPayme(id)).toBe(expected)
  })
})
