// The entities of a live query, as they are after each message of the server.

import { HeadlesslyError } from '../base/headlessly-error.ts'
import type { Listing } from '../calls/listing.ts'
import type { TellingState } from './subscription.ts'

/** The whole list: at the start, and whenever the server cannot tell what has changed since. */
export interface LiveReset<Row> {
  readonly kind: 'reset'
  /** The matching entities by their ids. It changes with each later change. */
  readonly rows: ReadonlyMap<string, Row>
}

/** Changes of the list by one commit. */
export interface LiveChange<Row> {
  readonly kind: 'change'
  readonly commit: number
  readonly entered: readonly Row[]
  readonly changed: readonly Row[]
  /** The ids of entities that no longer match, are deleted, or are hidden now. */
  readonly left: readonly string[]
  /** The matching entities after the change, by their ids. */
  readonly rows: ReadonlyMap<string, Row>
}

export type LiveListener<Row> = (update: LiveReset<Row> | LiveChange<Row>) => void | Promise<void>

/** Changes by one commit of a list that the listener has read itself. */
export interface ListChange<Row> {
  readonly kind: 'change'
  readonly commit: number
  readonly entered: readonly Row[]
  readonly changed: readonly Row[]
  /** The entities that no longer match, are deleted, or are hidden now, with their version since then. */
  readonly left: readonly { readonly $id: string; readonly $version: number }[]
}

/** A `reset` says that the server cannot tell what has changed: the list has to be read again. */
export type ChangesListener<Row> = (update: ListChange<Row> | { readonly kind: 'reset' }) => void | Promise<void>

interface LiveRow {
  readonly $id: string
  readonly $version: number
}

/** The server's message. */
interface Told {
  readonly $type: 'Changes' | 'Reset'
  readonly commit: number
  readonly entered: readonly LiveRow[]
  readonly changed: readonly LiveRow[]
  readonly left: readonly LiveRow[]
}

/** A longer list is refused, since all of it is kept. */
const rowsMax = 10_000

export class LiveRows {
  readonly #what: string
  readonly #listener: LiveListener<unknown>
  readonly #rows = new Map<string, LiveRow>()

  constructor({ what, listener }: { readonly what: string; readonly listener: LiveListener<unknown> }) {
    this.#what = what
    this.#listener = listener
  }

  async reset(listing: Listing<unknown>, state: TellingState): Promise<void> {
    const found = await readAll(listing, this.#what)
    this.#rows.clear()
    for (const row of found) this.#rows.set(row.$id, row)
    await this.#told({ kind: 'reset', rows: this.#rows }, state)
  }

  /** Returns `again` if the server cannot tell what has changed. */
  async tell(message: unknown, state: TellingState): Promise<'again' | undefined> {
    const changes = message as Told // the server wrote it
    if (changes.$type === 'Reset') return 'again'
    const update = applyChanges(this.#rows, changes)
    if (update.entered.length + update.changed.length + update.left.length > 0) await this.#told(update, state)
    return undefined
  }

  async #told(update: Parameters<LiveListener<unknown>>[0], { report }: TellingState): Promise<void> {
    try {
      await this.#listener(update)
    } catch (error) {
      report(error)
    }
  }
}

export async function tellChanges(
  message: unknown,
  { listener, state }: { readonly listener: ChangesListener<unknown>; readonly state: TellingState },
): Promise<undefined> {
  const { $type, commit, entered, changed, left } = message as Told // the server wrote it
  try {
    await listener($type === 'Reset' ? { kind: 'reset' } : { kind: 'change', commit, entered, changed, left })
  } catch (error) {
    state.report(error)
  }
}

/** The list may be newer than the first changes that follow it: those are left out. */
function applyChanges(rows: Map<string, LiveRow>, { commit, entered, changed, left }: Told): LiveChange<LiveRow> {
  const update = { entered: [] as LiveRow[], changed: [] as LiveRow[], left: [] as string[] }
  for (const row of [...entered, ...changed]) {
    const known = rows.get(row.$id)
    if (known !== undefined && known.$version >= row.$version) continue
    rows.set(row.$id, row)
    update[known === undefined ? 'entered' : 'changed'].push(row)
  }
  for (const { $id, $version } of left) {
    const known = rows.get($id)
    if (known === undefined || known.$version >= $version) continue
    rows.delete($id)
    update.left.push($id)
  }
  return { kind: 'change', commit, ...update, rows }
}

async function readAll(listing: Listing<unknown>, what: string): Promise<readonly LiveRow[]> {
  const found: LiveRow[] = []
  for await (const row of listing) {
    if (found.length === rowsMax) {
      const message = `${what} expects a filter that matches at most ${rowsMax} entities`
      throw new HeadlesslyError({ code: 'invalid_filter', field: 'filter', message })
    }
    found.push(row as LiveRow) // the server wrote it
  }
  return found
}
