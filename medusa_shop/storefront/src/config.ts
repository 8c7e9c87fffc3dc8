/** Where the others are. Written by whoever serves this folder, so that one build fits every machine. */
export interface Config {
  backendUrl: string
  publishableKey: string
  statusUrl: string
  cabinetUrl: string
}

export async function fetchConfig(): Promise<Config> {
  const answer = await fetch("/config.json", { cache: "no-store" })
  if (!answer.ok) {
    throw new Error(`/config.json: HTTP ${answer.status}`)
  }
  return (await answer.json()) as Config
}
