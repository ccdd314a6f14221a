// Inputs with which a stored function has frozen its process, exhausted its memory or come to no end. Whoever writes chooses the
// input, and may not have the right to disable the function: so the function stays, and these inputs are refused.

/** The time for which the sandbox refuses the same code with the same input. */
const keptMs = 5 * 60_000
/** An actor with as many of them is refused without a run. */
const inputsPerActorMax = 3
/** With inputs of as many actors, the function is at fault. */
const actorsMax = 3

interface Incident {
  readonly actor: string
  readonly input: string
  readonly atMs: number
}

export class HarmfulInputs {
  readonly #byFunction = new Map<string, readonly Incident[]>()

  /** Whether the actor's writes are refused for now. `key` is a version of a function. */
  refuses(key: string, { actor, nowMs }: { readonly actor: string; readonly nowMs: number }): boolean {
    const ofActor = this.#recent(key, nowMs).filter((one) => one.actor === actor)
    return ofActor.length >= inputsPerActorMax
  }

  /** Returns whether the function is at fault, rather than the input. */
  add(key: string, incident: Incident): boolean {
    const { actor, input, atMs } = incident
    const recent = this.#recent(key, atMs)
    const isKnown = recent.some((one) => one.actor === actor && one.input === input)
    const all = isKnown ? recent : [...recent, incident]
    const isAtFault = new Set(all.map((one) => one.actor)).size >= actorsMax
    if (isAtFault) this.#byFunction.delete(key)
    else this.#byFunction.set(key, all)
    return isAtFault
  }

  /** An actor has at most `inputsPerActorMax` of them, since further ones are not run. */
  #recent(key: string, nowMs: number): readonly Incident[] {
    const recent = (this.#byFunction.get(key) ?? []).filter(({ atMs }) => nowMs - atMs < keptMs)
    if (recent.length === 0) this.#byFunction.delete(key)
    return recent
  }
}
