// The undo of more than one commit can hold, as a bulk job. It lists the commits, examines all of them, so that a conflict that
// is known by then refuses the whole, and then takes them back, newest first, in commits of some hundred changes.

import { type BulkWork, isCommitTooLarge, type JobContext, type LogRow, type TenantStore } from '@dotdo/do'
import { ObjectError, unreachable } from 'digital-objects'
import { eventsOfCommit } from '../commits/logged-commit.ts'
import type { UndoSelection } from '../commits/undone-commits.ts'
import { parseBody } from '../writes/parse-body.ts'
import { undoIn } from '../writes/undo-work.ts'
import { withCurrentAuthority } from '../writes/current-authority.ts'
import type { CallTable, WriteAsked } from '../writes/write.ts'
import { mayPass, Refusals } from './bulk-refusals.ts'
import { checkUndo } from './undo-check.ts'
import { parseSelection } from './undo-selection.ts'

export const undoKind = 'undo'

/** Limits the changes that a step takes back, so that other writes need not wait long. A larger commit is a step of its own. */
const changesPerStepMax = 200
const charactersPerStep = 4_000_000
/** Limits the events of one step that lists commits. */
const listedPerStep = 2_000
/** Limits the commits of a job. */
const commitsMax = 250_000
/** Later than every commit. */
const beyondAll = Number.MAX_SAFE_INTEGER

type Position =
  /** Lists the commits after one, up to another. */
  | { readonly phase: 'list'; readonly after: number; readonly through: number }
  /** Examines the commits before one. */
  | { readonly phase: 'check'; readonly before: number }
  /** Takes back the commits before one. The others of the list have been taken back. */
  | { readonly phase: 'undo'; readonly before: number }

export interface UndoParts {
  readonly requests: JobContext['requests']
  readonly store: () => TenantStore
  readonly calls: CallTable
  /** The changes of one step. Set only by tests. */
  readonly changesPerStep?: number
}

/** A step of an undo. */
interface Step {
  readonly parts: UndoParts
  readonly work: BulkWork
  readonly asked: WriteAsked
}

/** Returns where the job begins. Call it in the lane: later commits are not part of the undo. */
export function startOfUndo(selection: UndoSelection, { events: log }: TenantStore): string {
  return formatPosition({ phase: 'list', ...rangeOf(selection, log) })
}

function rangeOf(
  selection: UndoSelection,
  log: TenantStore['events'],
): { readonly after: number; readonly through: number } {
  switch (selection.kind) {
    case 'commit':
      return { after: selection.number - 1, through: log.commitEnd(selection.number) }
    case 'range':
      return { after: selection.from - 1, through: log.commitEnd(selection.to) }
    case 'actor':
      return { after: log.seqAt(selection.sinceMs - 1), through: log.head }
    case 'job':
      return { after: 0, through: log.head }
    default:
      return unreachable(selection)
  }
}

/** Makes one step. Throws an ObjectError if the whole undo is refused, before anything was taken back. */
export async function stepOfUndo(parts: UndoParts, work: BulkWork): Promise<void> {
  const stored = JSON.parse(work.request) as WriteAsked // stored when the job was started
  const asked = { ...stored, caller: withCurrentAuthority(stored.caller, parts.store()) }
  const step = { parts, work, asked }
  const position = JSON.parse(work.position) as Position // written by `formatPosition`
  switch (position.phase) {
    case 'list':
      return listCommits(step, position)
    case 'check':
      return check(step, position)
    case 'undo':
      return undo(step, position)
    default:
      return unreachable(position)
  }
}

function formatPosition(position: Position): string {
  return JSON.stringify(position)
}

function advance(
  { parts, work }: Step,
  to: { readonly position: Position; readonly done?: number; readonly total?: number; readonly refusals?: Refusals },
): void {
  const { requests } = parts
  const { position, refusals = new Refusals(work), ...counts } = to
  const { targets } = requests.bulkJobs
  const isFinished = position.phase !== 'list' && !targets.hasBefore(work.id, position.before)
  const progress = { done: work.done, ...counts, ...refusals.progress, position: formatPosition(position), isFinished }
  requests.bulkJobs.advance(work.id, progress, requests.realMs)
  if (isFinished) requests.changed()
}

/** Lists the next commits. Those that undid others of the list as a whole are left out together with them. */
async function listCommits(step: Step, { after, through }: Extract<Position, { phase: 'list' }>): Promise<void> {
  const { parts, work, asked } = step
  const store = parts.store()
  const selection = parseSelection(parseBody(asked.call.body))
  await store.commit(() => {
    const page = pageOf(selection, { parts, after, through })
    const { targets } = parts.requests.bulkJobs
    let { total } = work
    for (const { number, changes, undoes } of page.commits) {
      const undone = undoes.filter((commit) => commit !== null)
      if (undone.length === undoes.length && targets.among(work.id, undone).size === undone.length) {
        targets.remove(work.id, undone)
        total -= undone.reduce((sum, commit) => sum + changesOf(store, commit), 0)
      } else {
        targets.add(work.id, [number])
        total += changes
      }
    }
    if (targets.count(work.id) > commitsMax) throw tooManyCommits()
    const position: Position = page.isLast
      ? { phase: 'check', before: beyondAll }
      : { phase: 'list', after: page.end, through }
    advance(step, { position, total })
    return null
  }, tenantOf(asked))
}

interface ListedCommit {
  readonly number: number
  readonly changes: number
  /** The commits that its events take back, each once; null for an event that takes back none. */
  readonly undoes: readonly (number | null)[]
}

function pageOf(
  selection: UndoSelection,
  { parts, after, through }: { readonly parts: UndoParts; readonly after: number; readonly through: number },
): { readonly commits: readonly ListedCommit[]; readonly end: number; readonly isLast: boolean } {
  const store = parts.store()
  if (selection.kind === 'job') {
    const numbers = parts.requests.bulkJobs.commitsOf(selection.job, { after, limit: listedPerStep }) ?? []
    const commits = numbers.map((number) => ({ number, changes: changesOf(store, number), undoes: [null] }))
    return { commits, end: numbers.at(-1) ?? after, isLast: numbers.length < listedPerStep }
  }
  const actor = selection.kind === 'actor' ? { actor: selection.actor } : {}
  const { seqs, end } = store.events.choose({ after, through, limit: listedPerStep, ...actor })
  const byCommit = Map.groupBy(store.events.commitsOf(seqs), ({ commit }) => commit)
  const commits = [...byCommit].map(([number, events]) => ({
    number,
    changes: changesOf(store, number),
    undoes: [...new Set(events.map(({ undoes }) => undoes))],
  }))
  return { commits, end, isLast: end >= through }
}

function tenantOf({ caller: { tenant: name, context } }: WriteAsked) {
  return { tenant: { name, context } }
}

function changesOf({ events }: TenantStore, commit: number): number {
  return events.commitEnd(commit) - commit + 1
}

function tooManyCommits(): ObjectError {
  const message = `an undo takes back at most ${commitsMax} commits: nothing was changed; undo a part of them, the newest first`
  return new ObjectError({ code: 'payload_too_large', message })
}

async function check(step: Step, { before }: Extract<Position, { phase: 'check' }>): Promise<void> {
  const { parts, work, asked } = step
  const store = parts.store()
  const numbers = parts.requests.bulkJobs.targets.newest(work.id, { before, limit: changesPerStepMax })
  const checked = await store.reading(() => {
    const commits = nextCommits(parts, numbers)
    checkUndo(commits.flatMap(({ rows }) => rows).toReversed(), { store, caller: asked.caller, job: work.id })
    return commits.at(-1)?.number
  })
  const isLast = checked === undefined || !parts.requests.bulkJobs.targets.hasBefore(work.id, checked)
  advance(step, { position: isLast ? { phase: 'undo', before: beyondAll } : { phase: 'check', before: checked } })
}

interface Commit {
  readonly number: number
  /** Newest first. */
  readonly rows: readonly LogRow[]
}

/** Returns the first of these commits, newest first, with as many events as a step may have, and at least one commit. */
function nextCommits(
  { store: storeOf, changesPerStep = changesPerStepMax }: UndoParts,
  numbers: readonly number[],
): readonly Commit[] {
  const store = storeOf()
  const commits: Commit[] = []
  let [changes, characters] = [0, 0]
  for (const number of numbers) {
    const isFull = changes + changesOf(store, number) > changesPerStep || characters > charactersPerStep
    if (commits.length > 0 && isFull) break
    const rows = eventsOfCommit(store.events, number).toReversed()
    changes += rows.length
    characters += rows.reduce((sum, row) => sum + row.data.length + (row.changes?.length ?? 0), 0)
    commits.push({ number, rows })
  }
  return commits
}

/** Takes back the newest commits together. If that is refused, it tries fewer, and leaves out one that is refused alone. */
async function undo(step: Step, { before }: Extract<Position, { phase: 'undo' }>): Promise<void> {
  const { parts, work } = step
  const { targets } = parts.requests.bulkJobs
  const numbers = targets.newest(work.id, { before, limit: changesPerStepMax })
  for (let limit = numbers.length; ;) {
    let taken = 0
    try {
      await undoCommits(step, { numbers, before, limit, taking: (commits) => (taken = commits) })
      return
    } catch (error) {
      if (!(error instanceof ObjectError) || mayPass(error)) throw error
      if (taken <= 1) return leaveOut(step, numbers[0], error)
      limit = Math.ceil(taken / 2)
    }
  }
}

async function undoCommits(
  step: Step,
  given: {
    readonly numbers: readonly number[]
    readonly before: number
    readonly limit: number
    readonly taking: (commits: number) => void
  },
): Promise<void> {
  const { parts, work, asked } = step
  const store = parts.store()
  await store.commit((commit) => {
    const commits = nextCommits(parts, given.numbers.slice(0, given.limit))
    given.taking(commits.length)
    const rows = commits.flatMap((one) => one.rows).toReversed()
    const { bulkJobs } = parts.requests
    const isTakenBack = (number: number): boolean => bulkJobs.hasTakenBack(work.id, number, given.before)
    const made = undoIn(commit, { parts: { store }, asked, rows, isTakenBack })
    if (made.length > 0) bulkJobs.made(work.id, commit.number)
    const position: Position = { phase: 'undo', before: commits.at(-1)?.number ?? given.before }
    advance(step, { position, done: work.done + rows.length })
    return null
  }, tenantOf(asked))
}

async function leaveOut(step: Step, number: number | undefined, error: ObjectError): Promise<void> {
  if (number === undefined) throw error
  const { parts, work, asked } = step
  const store = parts.store()
  const changes = changesOf(store, number)
  const refusals = new Refusals(work)
  refusals.add(String(number), { error: isCommitTooLarge(error) ? tooLargeAlone(number) : error, count: changes })
  await store.commit(() => {
    // It was not taken back.
    parts.requests.bulkJobs.targets.remove(work.id, [number])
    advance(step, { position: { phase: 'undo', before: number }, done: work.done + changes, refusals })
    return null
  }, tenantOf(asked))
}

function tooLargeAlone(number: number): ObjectError {
  const message = `the undo of commit ${number} is larger than a commit may be`
  return new ObjectError({ code: 'payload_too_large', message })
}
