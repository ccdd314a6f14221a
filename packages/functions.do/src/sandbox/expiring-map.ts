// What the server remembers for a while, at most a number of keys: the oldest are forgotten first.

export interface ExpiringMapLimits {
  readonly keysMax: number
  readonly keptMs: number
}

export interface Kept<Value> {
  readonly value: Value
  readonly untilMs: number
}

export class ExpiringMap<Value> {
  readonly #limits: ExpiringMapLimits
  readonly #kept = new Map<string, Kept<Value>>()

  constructor(limits: ExpiringMapLimits) {
    this.#limits = limits
  }

  set(key: string, value: Value, nowMs: number): Kept<Value> {
    const kept = { value, untilMs: nowMs + this.#limits.keptMs }
    // Deleted first, so that the map's order is that of the times.
    this.#kept.delete(key)
    this.#kept.set(key, kept)
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= this.#limits.keysMax) break
      this.#kept.delete(oldest)
    }
    return kept
  }

  get(key: string, nowMs: number): Kept<Value> | undefined {
    const kept = this.#kept.get(key)
    if (kept === undefined || nowMs < kept.untilMs) return kept
    this.#kept.delete(key)
    return undefined
  }
}
