// The events that wait to be sent. They are in the browser's storage until the server has taken them, so that closed pages and
// lost networks lose none.

export interface WaitingEvent {
  readonly id: string
  readonly [member: string]: unknown
}

interface Stored {
  readonly v?: string
  readonly u?: string | undefined
  readonly w?: WaitingEvent[]
}

const key = 'hly'
/** The oldest events are dropped beyond it. */
const waitingMax = 500

export class WaitingEvents {
  all: WaitingEvent[] = []
  /** The id of a visitor who is not known by name. */
  visitor = crypto.randomUUID() as string
  user: string | undefined

  /** Adds what earlier pages have left. Without storage, events wait in memory. */
  load(): void {
    try {
      const { v = this.visitor, u, w = [] } = JSON.parse(localStorage.getItem(key) ?? '{}') as Stored // written by `save`
      const known = new Set(this.all.map(({ id }) => id))
      this.visitor = v
      this.user ??= u
      this.all = [...w.filter(({ id }) => !known.has(id)), ...this.all]
    } catch {}
  }

  save(): void {
    this.all = this.all.slice(-waitingMax)
    try {
      localStorage.setItem(key, JSON.stringify({ v: this.visitor, u: this.user, w: this.all } satisfies Stored))
    } catch {}
  }

  drop(sent: readonly WaitingEvent[]): void {
    const ids = new Set(sent.map(({ id }) => id))
    this.all = this.all.filter(({ id }) => !ids.has(id))
  }

  /** Forgets the visitor. */
  clear(): void {
    this.all = []
    this.user = undefined
    this.visitor = crypto.randomUUID()
    try {
      localStorage.removeItem(key)
    } catch {}
  }
}
