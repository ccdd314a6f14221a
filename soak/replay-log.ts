// Checks a tenant over its public interface: the log has no gaps or duplicates, versions increase by one, and the state
// equals the replayed log.

import { isDeepStrictEqual } from 'node:util'

export interface LoggedEvent {
  readonly id: string
  readonly seq: number
  readonly commit: number
  readonly type: string
  readonly target: string
  readonly version: number
  readonly timestamp: string
  readonly via: string
  readonly data: Readonly<Record<string, unknown>>
  readonly changes: Readonly<Record<string, { readonly from: unknown; readonly to: unknown }>>
}

/** Throws an Error about the first inconsistency. */
export async function verifyTenant(options: {
  readonly baseUrl: string
  readonly tenant: string
}): Promise<{ events: number; entities: number }> {
  const url = `${options.baseUrl}/~${options.tenant}`
  const replayed = new Map<string, LoggedEvent>()
  const ids = new Set<string>()
  let last: LoggedEvent | undefined
  for await (const event of readLog(url)) {
    check(event.seq === (last?.seq ?? 0) + 1, `expected seq ${(last?.seq ?? 0) + 1}, got ${event.seq}`)
    check(!ids.has(event.id), `event id ${event.id} occurs twice`)
    check(event.timestamp >= (last?.timestamp ?? ''), `the timestamp decreases at seq ${event.seq}`)
    check(
      event.commit <= event.seq && event.commit >= (last?.commit ?? 0),
      `unexpected commit ${event.commit} at seq ${event.seq}`,
    )
    const before = replayed.get(event.target)
    check(
      event.version === (before?.version ?? 0) + 1,
      `expected version ${(before?.version ?? 0) + 1} of ${event.target}, got ${event.version}`,
    )
    checkChanges(before, event)
    ids.add(event.id)
    replayed.set(event.target, event)
    last = event
  }
  const entities = await compareState(url, replayed)
  return { events: ids.size, entities }
}

function checkChanges(before: LoggedEvent | undefined, event: LoggedEvent): void {
  const expected: Record<string, { from: unknown; to: unknown }> = {}
  for (const field of new Set([...Object.keys(before?.data ?? {}), ...Object.keys(event.data)])) {
    const [from, to] = [before?.data[field] ?? null, event.data[field] ?? null]
    if (!field.startsWith('$') && !isDeepStrictEqual(from, to)) expected[field] = { from, to }
  }
  check(
    isDeepStrictEqual(expected, event.changes),
    `changes of seq ${event.seq}: expected ${JSON.stringify(expected)}, got ${JSON.stringify(event.changes)}`,
  )
}

async function compareState(url: string, replayed: ReadonlyMap<string, LoggedEvent>): Promise<number> {
  // Definitions are entities that only `/schema` shows.
  const shown = [...replayed].filter(([, event]) => !event.type.startsWith('Schema.'))
  const living = new Map(shown.filter(([, event]) => !event.type.endsWith('.Deleted')))
  const nouns = new Set(shown.map(([, event]) => event.type.slice(0, event.type.indexOf('.'))))
  let count = 0
  for (const noun of nouns) {
    let ofNoun = 0
    for await (const entity of readAll(`${url}/${noun}`)) {
      const event = living.get(String(entity['$id']))
      check(event !== undefined, `${String(entity['$id'])} is in the state but not in the log`)
      check(
        isDeepStrictEqual(entity, event?.data),
        `${String(entity['$id'])} is ${JSON.stringify(entity)} in the state and ${JSON.stringify(event?.data)} in the log`,
      )
      ofNoun += 1
    }
    const counted = (await getJson(`${url}/${noun}/count`)) as { count: number }
    check(counted.count === ofNoun, `${noun}: the count is ${counted.count}, the list has ${ofNoun}`)
    count += ofNoun
  }
  check(count === living.size, `the state has ${count} entities, the log has ${living.size}`)
  return count
}

export async function* readLog(url: string): AsyncGenerator<LoggedEvent> {
  for (let after = 0, hasMore = true; hasMore;) {
    const page = (await getJson(`${url}/events?after=${after}&limit=1000`)) as {
      results: LoggedEvent[]
      hasMore: boolean
    }
    yield* page.results
    after = page.results.at(-1)?.seq ?? after
    hasMore = page.hasMore
  }
}

async function* readAll(url: string): AsyncGenerator<Readonly<Record<string, unknown>>> {
  for (let cursor: string | null = ''; cursor !== null;) {
    const next = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`
    const page = (await getJson(`${url}?sort=$id&limit=100&strong=true${next}`)) as {
      results: Record<string, unknown>[]
      hasMore: boolean
      cursor: string | null
    }
    yield* page.results
    cursor = page.hasMore ? page.cursor : null
  }
}

async function getJson(url: string): Promise<unknown> {
  const answer = await fetch(url)
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}: ${await answer.text()}`)
  return answer.json()
}

function check(isTrue: boolean, otherwise: string): void {
  if (!isTrue) throw new Error(otherwise)
}
