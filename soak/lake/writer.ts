// Writes a Noun's entities while others count them, and knows what the table had after each commit.

import { getJson } from '../ask-json.ts'

const createdTogether = 100
const updatedTogether = 25
const deletedTogether = 15
const rowsMax = 20_000
const behindMsMax = 60_000

/** The sums of the living entities after a commit, of which no two commits have the same. */
interface State {
  readonly rows: number
  readonly versions: number
  readonly scores: number
  readonly seq: number
  readonly beganMs: number
  /** The time at which the next state was acknowledged, so that a reader should have seen that one. */
  endedMs: number
}

interface Kept {
  version: number
  readonly score: number
}

export interface Counted {
  readonly answer: Readonly<Record<string, unknown>>
  /** The time at which the count, or the copy that it reads, was begun. */
  readonly beganMs: number
  readonly endedMs: number
}

export class Writer {
  readonly states: State[] = []
  /** The age of the oldest state that a right count had. */
  lagMsMax = 0
  readonly #url: string
  readonly #random: () => number
  readonly #kept = new Map<string, Kept>()
  #rounds = 0

  constructor(url: string, random: () => number) {
    this.#url = url
    this.#random = random
  }

  /** Three commits: creations, changes and deletions, which make deletes by position, and merges in the long run. */
  async write(): Promise<void> {
    const round = this.#rounds++
    const entities = Array.from({ length: createdTogether }, (_, at) => ({
      name: `c${round}-${at}`,
      leadScore: Math.floor(this.#random() * 100),
    }))
    const ids = await this.#commit('createMany', { entities }, (made) => {
      for (const [at, id] of made.entries()) this.#kept.set(id, { version: 1, score: entities[at]?.leadScore ?? 0 })
    })
    if (ids.length !== createdTogether) throw new Error(`createMany created ${ids.length} entities`)
    await this.#commit('updateMany', { ids: this.#pick(updatedTogether), set: { title: `t${round}` } }, (changed) => {
      for (const id of changed) {
        const kept = this.#kept.get(id)
        if (kept !== undefined) kept.version++
      }
    })
    const removed = this.#kept.size > rowsMax ? createdTogether : deletedTogether
    await this.#commit('deleteMany', { ids: this.#pick(removed) }, (gone) => {
      for (const id of gone) this.#kept.delete(id)
    })
  }

  /** The fault of a count, if it has one. It is known once the commit is acknowledged that was on its way at the end of the count. */
  faultOf({ answer, beganMs, endedMs }: Counted): string | undefined {
    if (answer['error'] !== undefined) return String(answer['error'])
    const { rows, distinct, versions, scores, seq } = answer
    if (rows !== distinct) return `${String(rows)} rows have ${String(distinct)} ids`
    const state = this.states.find(
      (one) => one.rows === rows && one.versions === versions && one.scores === scores && Number(seq) <= one.seq,
    )
    if (state === undefined) return `no commit left ${JSON.stringify(answer)}`
    if (state.beganMs > endedMs) return `the rows of event ${state.seq} were there before they were written`
    const lagMs = Math.max(0, beganMs - state.endedMs)
    this.lagMsMax = Math.max(this.lagMsMax, lagMs)
    return lagMs > behindMsMax ? `the rows of event ${state.seq} were replaced ${lagMs} ms before` : undefined
  }

  #pick(count: number): readonly string[] {
    const ids = [...this.#kept.keys()]
    return Array.from({ length: count }, () => ids.splice(Math.floor(this.#random() * ids.length), 1)[0] ?? '')
  }

  async #commit(verb: string, body: object, note: (ids: readonly string[]) => void): Promise<readonly string[]> {
    const beganMs = Date.now()
    const answer = await fetch(`${this.#url}/Contact/${verb}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    const { ids = [], ...rest } = (await answer.json()) as { readonly ids?: readonly string[] }
    if (!answer.ok || ids.length === 0) throw new Error(`${verb}: ${answer.status} ${JSON.stringify(rest)}`)
    note(ids)
    const previous = this.states.at(-1)
    if (previous !== undefined) previous.endedMs = Date.now()
    this.states.push({ ...this.#sums(), seq: seqOf(answer), beganMs, endedMs: Number.POSITIVE_INFINITY })
    return ids
  }

  #sums(): Pick<State, 'rows' | 'versions' | 'scores'> {
    let [versions, scores] = [0, 0]
    for (const { version, score } of this.#kept.values()) [versions, scores] = [versions + version, scores + score]
    return { rows: this.#kept.size, versions, scores }
  }
}

function seqOf(answer: Response): number {
  return Number(answer.headers.get('x-headlessly-bookmark')?.split('.')[1])
}

/** The strong read of the same sums, with which the writer's own have to agree. */
export async function strongRows(url: string): Promise<number> {
  return Number((await getJson(`${url}/Contact?limit=1&count=exact&strong=true`))['total'])
}
