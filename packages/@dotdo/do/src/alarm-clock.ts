// One alarm for all that wants one: the platform has a single alarm an object, so it rings at the earliest moment that
// anybody asked for, and everybody then looks what is due.

export class AlarmClock<Name extends string> {
  readonly #storage: Pick<DurableObjectStorage, 'setAlarm' | 'deleteAlarm'>
  readonly #wanted = new Map<Name, number>()
  #setMs: number | undefined

  constructor(storage: Pick<DurableObjectStorage, 'setAlarm' | 'deleteAlarm'>) {
    this.#storage = storage
  }

  /** What is wanted under a name from here on; undefined for nothing. Inside a transaction it is part of that. */
  set(name: Name, atMs: number | undefined): void {
    if (this.#wanted.get(name) === atMs) return
    if (atMs === undefined) this.#wanted.delete(name)
    else this.#wanted.set(name, atMs)
    this.#apply()
  }

  /** The same, unless something earlier is wanted already. */
  setAtLatest(name: Name, atMs: number): void {
    const wanted = this.#wanted.get(name)
    if (wanted === undefined || wanted > atMs) this.set(name, atMs)
  }

  /** It rang: the platform has none now. Whoever wanted one says so again. */
  rang(): void {
    this.#setMs = undefined
    this.#wanted.clear()
  }

  /** A transaction is gone with the alarm that it may have set. */
  rolledBack(): void {
    this.#setMs = undefined
    this.#apply()
  }

  #apply(): void {
    const next = this.#wanted.size === 0 ? undefined : Math.min(...this.#wanted.values())
    if (next === this.#setMs) return
    this.#setMs = next
    void (next === undefined ? this.#storage.deleteAlarm() : this.#storage.setAlarm(next))
  }
}
