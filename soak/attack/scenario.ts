// One attack on a running server: prepares data, attacks, and checks every answer that it got.

export interface Scenario {
  /** The name on the command line, equal to the file's name. */
  readonly name: string
  /** One sentence about the attack. */
  readonly about: string
  /** Whether other tenants may wait longer than the limit, which only a server without disk space may ask of them. */
  readonly delaysNeighbours?: boolean
  /** Arguments of the server, such as `--verbose`. */
  readonly serverArguments?: readonly string[]
  /** The limit of file descriptors, soft and hard, if it is not this machine's. */
  readonly descriptorsMax?: number
  /** The place of the data, if it is not a folder of the system's temporary folder. `remove` is called in any case. */
  readonly makeDataFolder?: () => Promise<{ readonly path: string; remove(): Promise<void> }>
  /** Loads data before anything is measured. */
  readonly prepare?: (target: Target) => Promise<void>
  /** Attacks, and throws if the server answered otherwise than it promises. Returns figures for the report. */
  readonly attack: (target: Target) => Promise<Readonly<Record<string, string | number>>>
}

export interface Target {
  /** `http://127.0.0.1:<port>`, without a slash at the end. */
  readonly url: string
  readonly port: number
  readonly dataFolder: string
  /** Share of the full attack, above 0 and at most 1: scenarios scale their counts by it. */
  readonly size: number
  /** Process ids of the server: the launcher and all its descendants. */
  readonly processes: () => readonly number[]
  /** All that the server has printed. */
  readonly printed: () => string
  readonly log: (line: string) => void
}

/** Scales a count of the full attack, at least 1. */
export function scaled(target: Target, count: number): number {
  return Math.max(1, Math.round(count * target.size))
}
