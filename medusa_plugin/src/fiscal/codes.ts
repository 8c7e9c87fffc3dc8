/** What the tax office calls a good, in the members of Payme's `detail`. */
export interface Codes {
  code: string
  package_code: string
  vat_percent: number
  units?: number
}

/** Where the codes may stand: metadata of a variant or product, as an admin has typed it, or an option of the shop's. */
export type Source = Record<string, unknown> | null | undefined

interface Word {
  member: keyof Codes
  read: (value: unknown) => string | number | undefined
  wanted: string
  optional?: true
}

/** The keys of metadata, and what may stand there. A number for an IKPU has lost its leading zeros, so it is none. */
export const WORDS: Record<string, Word> = {
  ikpu_code: { member: "code", read: (it) => text(it, /^\d{17}$/), wanted: "text of 17 digits" },
  package_code: {
    member: "package_code",
    read: (it) => text(typeof it === "number" ? String(it) : it, /^[0-9A-Za-z]{1,32}$/),
    wanted: "text of 1 to 32 digits or letters",
  },
  vat_percent: { member: "vat_percent", read: (it) => whole(it, 100), wanted: "a whole number, 0 to 100" },
  units: { member: "units", read: (it) => whole(it, 2 ** 31 - 1), wanted: "a whole number", optional: true },
}

/** The codes, each from the first source that has one; or what is missing, in words. */
export function codesOf(sources: Source[]): { codes: Codes } | { missing: string[] } {
  const missing: string[] = []
  const codes: Record<string, unknown> = {}
  for (const [key, { member, read, wanted, optional }] of Object.entries(WORDS)) {
    const given = sources.map((source) => source?.[key]).find(isThere)
    const value = read(given)
    if (value !== undefined) {
      codes[member] = value
    } else if (isThere(given) || !optional) {
      missing.push(isThere(given) ? `${key} must be ${wanted}` : `${key} is missing`)
    }
  }
  return missing.length ? { missing } : { codes: codes as unknown as Codes }
}

/** An admin empties a key of metadata by leaving nothing in it. */
function isThere(value: unknown): boolean {
  return value !== undefined && value !== null && value !== ""
}

function text(value: unknown, shape: RegExp): string | undefined {
  const said = typeof value === "string" ? value.trim() : ""
  return shape.test(said) ? said : undefined
}

function whole(value: unknown, most: number): number | undefined {
  const number = typeof value === "string" && /^\s*\d{1,10}\s*$/.test(value) ? Number(value) : value
  return typeof number === "number" && Number.isInteger(number) && number >= 0 && number <= most ? number : undefined
}
