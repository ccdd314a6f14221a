// Rebuilds a tenant's state, files and Iceberg table from its log, whatever has become of them. The state is rebuilt in
// tables beside the present ones, so that writes and reads continue. Then rows that differ are replaced, in slices.

import { assert } from 'digital-objects'
import { type Manifest, noLayers, type NounLayers } from '@dotdo/db'
import { type NounSchema, ObjectError } from 'digital-objects'
import { readWithArchive } from '../log/archived-events.ts'
import type { LogReader } from '../log/log-reader.ts'
import type { LogRow } from '../log/log-row.ts'
import type { FullText } from '../state/full-text.ts'
import type { PastIndex } from '../state/past-index.ts'
import type { StorageHandler } from '../state/storage-handler.ts'
import type { CompactionProgress } from './lake-state.ts'
import { countLiving } from './count-in-slices.ts'
import type { TenantLake } from './tenant-lake.ts'
import { dropShadows, Shadows } from './state-shadows.ts'

export interface RebuildReport {
  readonly events: number
  readonly entities: number
}

export interface RebuildOptions {
  readonly storage: DurableObjectStorage
  readonly events: LogReader
  readonly state: StorageHandler
  readonly text: FullText
  readonly past: PastIndex
  readonly lake: TenantLake
  /** Resolves when the next slice may begin. */
  readonly pause: () => Promise<void>
}

const logPageRows = 500
/** Events of one transaction. A page is larger, because the archive decodes a whole row group for each. */
const replayedTogether = 100
/** Pages of events that writers add meanwhile. What is left then is replayed while they wait. */
const chasedPagesMax = 1_000
const attemptsMax = 3

/** Call while no job changes files; writes may continue. The Iceberg table is made again unless it is to be kept. */
export async function rebuildTenant(
  options: RebuildOptions,
  { keepsTable = false }: { readonly keepsTable?: boolean } = {},
): Promise<RebuildReport> {
  const events = await rebuildStateByOneCatalog(options)
  await options.lake.keepTables(true)
  if (!keepsTable) await options.lake.archive.remake(options.events.head)
  const entities = await rebuildFiles(options)
  return { events, entities }
}

/** Starts the rebuild again if a definition changes meanwhile. */
async function rebuildStateByOneCatalog(options: RebuildOptions): Promise<number> {
  for (let attempt = 1; attempt <= attemptsMax; attempt++) {
    const head = await rebuildState(options)
    if (head !== undefined) return head
  }
  throw new ObjectError({
    code: 'conflict',
    message: `definitions changed during each of ${attemptsMax} rebuilds; retry when they no longer change`,
  })
}

/** Returns undefined if a definition changes meanwhile. */
async function rebuildState(options: RebuildOptions): Promise<number | undefined> {
  const { events, storage, text, pause } = options
  await dropShadows(storage.sql, pause)
  const shadows = new Shadows(options)
  storage.transactionSync(() => shadows.create())
  const replay = new Replay(options, shadows)
  await replay.chase()
  const isDone = await takePlace(options, shadows, replay)
  await dropShadows(storage.sql, pause)
  if (!isDone) return undefined
  const { head } = events
  await text.follow(head)
  return head
}

/** Replays the log into the shadows. */
class Replay {
  readonly #options: RebuildOptions
  readonly #shadows: Shadows
  #through = 0

  constructor(options: RebuildOptions, shadows: Shadows) {
    this.#options = options
    this.#shadows = shadows
  }

  /** Replays the log, and what writers add meanwhile, up to a limit. */
  async chase(): Promise<void> {
    const { events, storage, lake, pause } = this.#options
    const before = events.head
    for (let chased = 0; this.#through < events.head && chased < chasedPagesMax;) {
      const page = await readWithArchive(
        () => events.read({ after: this.#through, limit: logPageRows }),
        (seqs) => lake.fetchArchived(seqs),
      )
      assert(page.rows.length > 0, `the log has events after ${this.#through}`)
      for (let start = 0; start < page.rows.length; start += replayedTogether) {
        storage.transactionSync(() => this.#shadows.replay(page.rows.slice(start, start + replayedTogether)))
        await pause()
      }
      this.#through = page.readThrough
      if (this.#through >= before) chased++
    }
  }

  /** Replays what is left. Call it inside a transaction. May throw ArchivedEvents. */
  catchUp(): void {
    const { events } = this.#options
    // All are read before any is replayed, because a read may throw ArchivedEvents, and the transaction is then repeated.
    const pages: (readonly LogRow[])[] = []
    for (let after = this.#through; after < events.head;) {
      const page = events.read({ after, limit: logPageRows })
      assert(page.rows.length > 0, `the log has events after ${after}`)
      pages.push(page.rows)
      after = page.readThrough
    }
    for (const rows of pages) this.#shadows.replay(rows)
    this.#through = Math.max(this.#through, events.head)
  }
}

/**
 * Replaces rows of the state that differ from the shadows, some entities at a time. In between, the state has rows of both,
 * each as right as it was or as the log has it. Returns false if a definition changes meanwhile.
 */
async function takePlace(
  { state, storage, text, past, lake, pause }: RebuildOptions,
  shadows: Shadows,
  replay: Replay,
): Promise<boolean> {
  // What writers added may build on archived events.
  const inTransaction = <Result>(work: () => Result): Result | Promise<Result> =>
    readWithArchive(
      () => storage.transactionSync(work),
      (seqs) => lake.fetchArchived(seqs),
    )
  for (const noun of shadows.nouns) {
    for (let progress: 'more' | 'done' | 'changed' = 'more'; progress !== 'done';) {
      progress = await inTransaction(() => {
        if (!shadows.areCurrent()) return 'changed'
        replay.catchUp()
        past.restart()
        return shadows.takePlaceOfSome(noun) ? 'more' : 'done'
      })
      if (progress === 'changed') return false
      await pause()
    }
  }
  return inTransaction(() => {
    if (!shadows.areCurrent()) return false
    replay.catchUp()
    past.restart()
    shadows.finish()
    text.clear(state.nounsWithTables())
    return true
  })
}

/** Rebuilds a base for each Noun, and a manifest with nothing else. Returns the number of entities. */
async function rebuildFiles(options: RebuildOptions): Promise<number> {
  const { events, state, lake, pause } = options
  const seq = lake.archive.layer.throughSeq
  const manifest: Manifest = { ...lake.layers.begin(lake.manifests.current), seq }
  const nouns: Record<string, NounLayers> = {}
  let entities = 0
  for (const noun of state.nounsWithTables()) {
    const table = state.table(noun)
    if (table === undefined) {
      lake.layers.skipped(noun)
      continue
    }
    const layers = await rewrite(options, manifest, noun)
    if (layers === undefined) continue
    const living = await countLiving({ sql: options.storage.sql, events, state, pause }, table, seq)
    nouns[noun] = { ...layers, deltas: [], entities: living }
    entities += living
  }
  const stale = manifest.stale.filter((noun) => !Object.hasOwn(nouns, noun))
  await lake.manifests.commit({ ...manifest, nouns, stale }, () => {
    for (const noun of Object.keys(nouns)) lake.layers.rewrote(noun)
    lake.state.clear('intent')
  })
  for (const noun of Object.keys(nouns)) {
    await lake.tables.remake(noun)
    await lake.tables.follow(noun)
    await pause()
  }
  return entities
}

/** After a crash its files are garbage, since its progress is not recorded. */
async function rewrite(
  { lake, state }: RebuildOptions,
  manifest: Manifest,
  noun: string,
): Promise<NounLayers | undefined> {
  let progress: CompactionProgress | undefined
  let schema: NounSchema | undefined
  for (;;) {
    const current = state.table(noun)?.schema
    if (current === undefined) return undefined
    // A base has one definition from its first file to its last.
    if (current !== schema) {
      lake.layers.register()
      schema = current
      progress = undefined
    }
    // No flush runs beside the command.
    const rest = { name: lake.names.next(), progress, isFlushDue: () => false }
    const step = { due: { kind: 'rewrite', noun } as const, ...rest }
    const compacted = await lake.layers.compact(manifest, step)
    if (compacted.kind === 'done') return compacted.nouns[noun] ?? noLayers
    progress = compacted.progress
  }
}
