// `$.Deal.live(filter, listener)`: the entities that match a filter, and then what each commit changes in them.

import { checkOptions } from '../base/check-options.ts'
import { HeadlesslyError } from '../base/headlessly-error.ts'
import type { Listing } from '../calls/listing.ts'
import { toParameters } from '../calls/read-parameters.ts'
import type { Session } from '../calls/session.ts'
import { subscribe, type SubscribeOptions, type Unsubscribe } from './subscription.ts'

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

export type LiveOptions = Pick<SubscribeOptions, 'onError'>

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

interface LiveParts {
  /** `Deal`. */
  readonly noun: string
  readonly session: Session
  readonly list: (filter: object) => Listing<unknown>
}

/** A longer list is refused, since all of it is kept. */
const rowsMax = 10_000

export function liveList(
  { noun, session, list }: LiveParts,
  { filter, listener, options = {} }: { filter: object; listener: LiveListener<unknown>; options?: LiveOptions },
): Unsubscribe {
  const what = `${noun}.live`
  if (typeof listener !== 'function') {
    const message = `${what} expects a function as listener, got ${typeof listener}`
    throw new HeadlesslyError({ code: 'validation_error', field: 'listener', message })
  }
  checkOptions(options, { what, kinds: { onError: 'function' } })
  const { parameters, links } = toParameters(what, { filter })
  if (links.length > 0) {
    const message = `${what} expects a filter without pending results: await them first`
    throw new HeadlesslyError({ code: 'invalid_filter', field: 'filter', message })
  }
  const rows = new Map<string, LiveRow>()
  return subscribe(session, {
    feed: { path: `${noun}/live`, parameters },
    ...options,
    begin: async ({ report }) => {
      const found = await readAll(list(filter), what)
      rows.clear()
      for (const row of found) rows.set(row.$id, row)
      await told(listener, { kind: 'reset', rows }, report)
    },
    tell: async (message, { report }) => {
      const changes = message as Told // the server wrote it
      if (changes.$type === 'Reset') return 'again'
      const update = applyChanges(rows, changes)
      if (update.entered.length + update.changed.length + update.left.length > 0) await told(listener, update, report)
      return undefined
    },
  })
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

async function told<Row>(
  listener: LiveListener<Row>,
  update: Parameters<LiveListener<Row>>[0],
  report: (error: unknown) => void,
): Promise<void> {
  try {
    await listener(update)
  } catch (error) {
    report(error)
  }
}
