/** A "no" for the sidecar: it parks the message, and a person looks. Anything else that goes wrong is asked again. */
export class Refusal extends Error {
  constructor(
    readonly status: 404 | 409,
    readonly code: string,
    message: string
  ) {
    super(message)
  }
}
