// Finds the commits that a request undoes: one by its number, a range, or those of one actor since a time.

import {
  commitChangesMax,
  commitCharactersMax,
  commitTooLarge,
  type EventVisibility,
  type LogReader,
  type LogRow,
} from '@dotdo/do'
import { ObjectError, unreachable } from 'digital-objects'
import { eventsOfCommit, isShownWhole, noCommit, readCommit } from './logged-commit.ts'

/** The request, parsed. */
export type UndoSelection =
  | { readonly kind: 'commit'; readonly number: number }
  /** Both commits are part of the range. */
  | { readonly kind: 'range'; readonly from: number; readonly to: number }
  | { readonly kind: 'actor'; readonly actor: string; readonly sinceMs: number }
  /** The commits that a bulk job has made. */
  | { readonly kind: 'job'; readonly job: string }

export interface UndoReading {
  readonly log: LogReader
  readonly visibility: EventVisibility
  /** The commit that will undo: only those before it can be undone. */
  readonly before: number
  /** Returns at most `limit` commits of a bulk job, oldest first. Throws an ObjectError if the caller may not undo it. */
  readonly commitsOfJob: (job: string, limit: number) => readonly number[]
}

/**
 * Returns all events of the commits, oldest first. Commits of a selection that undid each other are left out. Throws an
 * ObjectError `not_found`, `forbidden` if the caller may not see a part of them, or one of `isCommitTooLarge`.
 */
export function readUndone(selection: UndoSelection, reading: UndoReading): readonly LogRow[] {
  const { log, visibility } = reading
  const commits: Undone[] = []
  let [events, characters] = [0, 0]
  for (const number of numbersOf(selection, reading)) {
    const rows = eventsOfCommit(log, number)
    if (!rows.every((row) => isShownWhole(row, visibility))) throw notWhole()
    events += rows.length
    for (const { data, changes } of rows) characters += data.length + (changes?.length ?? 0)
    if (events > commitChangesMax || characters > commitCharactersMax) throw tooMany()
    commits.push({ number, rows })
  }
  return (selection.kind === 'commit' ? commits : standing(commits)).flatMap(({ rows }) => rows)
}

interface Undone {
  readonly number: number
  readonly rows: readonly LogRow[]
}

function numbersOf(selection: UndoSelection, reading: UndoReading): readonly number[] {
  switch (selection.kind) {
    case 'commit':
      return [findCommit(selection.number, reading)]
    case 'range':
      return rangeOf(selection, reading)
    case 'actor':
      return commitsOfActor(selection, reading)
    case 'job':
      return commitsOfJob(selection, reading)
    default:
      return unreachable(selection)
  }
}

/** Throws an ObjectError `not_found` unless there is such a commit and the caller may see an event of it. */
function findCommit(number: number, { log, visibility, before }: UndoReading): number {
  if (number >= before) throw noCommit(number)
  return readCommit(log, number, visibility).number
}

function rangeOf(
  { from, to }: { readonly from: number; readonly to: number },
  reading: UndoReading,
): readonly number[] {
  const [first, last] = [findCommit(from, reading), findCommit(to, reading)]
  const numbers: number[] = []
  for (let next = first; next <= last; next = reading.log.commitEnd(next) + 1) {
    numbers.push(next)
    if (numbers.length > commitChangesMax) throw tooMany()
  }
  return numbers
}

function commitsOfActor(
  { actor, sinceMs }: { readonly actor: string; readonly sinceMs: number },
  { log, before }: UndoReading,
): readonly number[] {
  const numbers = new Set<number>()
  const through = before - 1
  for (let after = log.seqAt(sinceMs - 1); after < through;) {
    const { rows, readThrough } = log.read({ after, limit: commitChangesMax, actor, through })
    for (const { commit } of rows) numbers.add(commit)
    if (numbers.size > commitChangesMax) throw tooMany()
    after = readThrough
  }
  return [...numbers]
}

function commitsOfJob({ job }: { readonly job: string }, reading: UndoReading): readonly number[] {
  const numbers = reading.commitsOfJob(job, commitChangesMax + 1)
  if (numbers.length > commitChangesMax) throw tooMany()
  return numbers
}

/** Leaves out commits that were undone as a whole by another one of the selection, and that one. */
function standing(commits: readonly Undone[]): readonly Undone[] {
  let left: readonly Undone[] = []
  for (const commit of commits) {
    const undone = new Set(commit.rows.map(({ undoes }) => undoes))
    const isUndo = [...undone].every((number) => left.some((earlier) => earlier.number === number))
    left = isUndo ? left.filter(({ number }) => !undone.has(number)) : [...left, commit]
  }
  return left
}

export function notWhole(): ObjectError {
  const message = 'the commits have changes that this caller may not see, so this caller cannot undo them'
  return new ObjectError({ code: 'forbidden', message })
}

function tooMany(): ObjectError {
  return commitTooLarge(
    `${commitChangesMax} changes and ${commitCharactersMax} characters of events that it takes back`,
  )
}
