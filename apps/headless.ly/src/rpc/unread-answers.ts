// Answers that a session was sent and has not released. A client releases an answer once it has read it, which is the
// only sign that it reads: the platform buffers whatever a WebSocket's client does not read.

/** Characters that a session may hold. A longer answer is sent if the session holds no other. */
const windowCharacters = 8 * 2 ** 20
/** Characters that all sessions of a Worker may hold together. */
const totalCharactersMax = 48 * 2 ** 20
/** Expected of an answer before the session has had one: the first is made alone, and then more at the same time. */
const expectedFirst = windowCharacters
const expectedMin = 64 * 2 ** 10
/** A client may release small answers together with its next call. */
const idleCharacters = 256 * 2 ** 10
/** Time in which a session that holds more than `idleCharacters` has to release something. */
const releaseMsMax = 20_000

/** What all sessions of a Worker hold. */
export class UnreadTotal {
  characters = 0
  readonly #waiting = new Set<() => void>()

  /** Resolves when something was released, by any session. */
  change(): Promise<void> {
    return new Promise((resolve) => void this.#waiting.add(resolve))
  }

  changed(): void {
    const waiting = [...this.#waiting]
    this.#waiting.clear()
    for (const resolve of waiting) resolve()
  }
}

export class UnreadAnswers {
  readonly #total: UnreadTotal
  readonly #close: (reason: string) => void
  /** Sizes of answers that were made, in order, until they are sent. */
  readonly #made: number[] = []
  readonly #sent = new Map<number, number>()
  #held = 0
  /** Reserved for each answer while it is made. */
  #expected = expectedFirst
  #releasedAtMs = Date.now()
  #watch: ReturnType<typeof setTimeout> | undefined
  #isOpen = true

  /** `close` is called once if the client releases nothing for too long. */
  constructor(total: UnreadTotal, close: (reason: string) => void) {
    this.#total = total
    this.#close = close
  }

  /** Waits for room, and then makes the answers. Returns undefined if they turn out to have no room, or on a close. */
  async make(
    answer: () => Promise<readonly string[]>,
    { isRepeatable }: { readonly isRepeatable: boolean },
  ): Promise<readonly string[] | undefined> {
    const reserved = await this.#reserve()
    if (reserved === undefined) return undefined
    try {
      const answers = await answer()
      const characters = answers.reduce((sum, { length }) => sum + length, 0)
      this.#expected = Math.max(2 * characters, this.#expected / 2, expectedMin)
      this.#add(-reserved)
      // The answers to writes say what has happened, so they are sent in any case.
      if (!this.#isOpen || (isRepeatable && !this.#hasRoom(characters))) return undefined
      this.#made.push(characters)
      this.#add(characters)
      return answers
    } catch (error) {
      this.#add(-reserved)
      throw error
    }
  }

  sent(id: number, characters: number): void {
    this.#add(characters - (this.#made.shift() ?? 0))
    this.#sent.set(id, characters)
  }

  released(id: number): void {
    // An answer may be released without having been requested.
    this.#add(-(this.#sent.get(id) ?? this.#made.shift() ?? 0))
    this.#sent.delete(id)
    this.#releasedAtMs = Date.now()
  }

  /** The session has ended: its client holds nothing any more. */
  end(): void {
    this.#isOpen = false
    if (this.#watch !== undefined) clearTimeout(this.#watch)
    this.#add(-this.#held)
    this.#total.changed()
  }

  async #reserve(): Promise<number | undefined> {
    while (this.#isOpen && !this.#hasRoom(this.#expected)) await this.#total.change()
    if (!this.#isOpen) return undefined
    const reserved = this.#expected
    this.#add(reserved)
    return reserved
  }

  #hasRoom(characters: number): boolean {
    const isFirst = this.#held === 0
    return (
      (isFirst || this.#held + characters <= windowCharacters) &&
      (this.#total.characters === 0 || this.#total.characters + characters <= totalCharactersMax)
    )
  }

  #add(characters: number): void {
    if (this.#isOpen || characters < 0) {
      this.#held += characters
      this.#total.characters += characters
    }
    if (characters < 0) this.#total.changed()
    if (this.#isOpen && this.#held > idleCharacters) this.#watch ??= this.#watchLater(releaseMsMax)
  }

  #watchLater(ms: number): ReturnType<typeof setTimeout> {
    return setTimeout(() => {
      this.#watch = undefined
      const silentMs = Date.now() - this.#releasedAtMs
      const holds = [...this.#sent.values(), ...this.#made].reduce((sum, characters) => sum + characters, 0)
      if (holds <= idleCharacters) {
        if (this.#held > idleCharacters) this.#watch = this.#watchLater(releaseMsMax)
      } else if (silentMs < releaseMsMax) this.#watch = this.#watchLater(releaseMsMax - silentMs)
      else this.#close(`no release of ${holds} characters of answers within ${releaseMsMax / 1_000} s`)
    }, ms)
  }
}
