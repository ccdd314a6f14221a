// `commits.undo` and `commits.undoMany`: take back one commit, a range of commits, everything that one actor did since a time,
// or what a bulk job has made, by a new commit; beyond the limits of a commit, by a job.

import { type Committing, type EventVisibility, isCommitTooLarge, type LogRow } from '@dotdo/do'
import { compileAuthority, isFullAuthority, type JsonValue, ObjectError } from 'digital-objects'
import { commitToText, eventsOfCommit, parseCommitNumber } from '../commits/logged-commit.ts'
import { readUndone, type UndoReading, type UndoSelection } from '../commits/undone-commits.ts'
import { commitResponse, jsonResponse, ref } from '../openapi/components.ts'
import { createParameters } from '../openapi/parameters.ts'
import { keyOf, tenantOf } from '../writes/commit-call.ts'
import { happenedAt } from '../writes/happened.ts'
import { type Body, parseBody } from '../writes/parse-body.ts'
import { undoIn } from '../writes/undo-work.ts'
import type { Write, WriteAsked, WriteParts, WriteResult } from '../writes/write.ts'
import { startBulkJob } from './bulk-request.ts'
import { startOfUndo, undoKind } from './undo-job.ts'
import { invalid, parseSelection, refuseOthers } from './undo-selection.ts'

export const undo: Write = defineUndo({
  name: 'commits.undo',
  about: 'Take back one commit by a new one that restores what it changed',
  path: '/commits/{id}/undo',
  parse: (body, id) => {
    refuseOthers(body, [])
    return { kind: 'commit', number: parseCommitNumber(id) }
  },
})

export const undoMany: Write = defineUndo({
  name: 'commits.undoMany',
  about: 'Take back a range of commits, those of one actor since a time or those of a job, by a new commit',
  path: '/commits/undo',
  body: { isRequired: true, schema: () => ref('UndoSelection') },
  parse: parseSelection,
})

interface UndoDefinition extends Pick<Write, 'name' | 'about' | 'body'> {
  readonly path: string
  readonly parse: (body: Body, id: string) => UndoSelection
}

function defineUndo({ name, about, path, body, parse }: UndoDefinition): Write {
  const selectionOf = ({ call }: WriteAsked): UndoSelection => {
    if (call.ifVersion !== undefined) throw invalid('ifVersion', 'is not supported: later changes are conflicts')
    return parse(parseBody(call.body), call.id ?? '')
  }
  return {
    kind: 'write',
    name,
    about,
    routes: [{ methods: ['POST'], path }],
    listedAs: { tag: 'log', operationId: name },
    parameters: createParameters,
    ...(body === undefined ? {} : { body }),
    responses: () => ({
      200: commitResponse('The commit that undoes', 'UndoingCommit'),
      202: jsonResponse('The job that takes back what is too large for one commit', ref('StartedJob')),
    }),
    // A refused one may have made a part of its changes, which only the end of the whole commit takes back.
    isWhole: true,
    async perform(parts, asked) {
      const selection = selectionOf(asked)
      // A job would refuse each of its commits.
      happenedAt(parts.store, asked.call)
      try {
        return await perform(parts, asked, selection)
      } catch (error) {
        if (!isCommitTooLarge(error) || selection.kind === 'commit') throw error
        const position = (): string => startOfUndo(selection, parts.store)
        return startBulkJob(parts, asked, { kind: undoKind, total: 0, position })
      }
    },
    performIn(commit, parts, asked) {
      const rows = undoNow(commit, { parts, asked, selection: selectionOf(asked) })
      return bodyOf({ number: rows.length === 0 ? null : commit.number, rows }, parts, asked)
    },
  }
}

/** The answer is read from the log, so that it need not be stored under an idempotency key. */
async function perform(parts: WriteParts, asked: WriteAsked, selection: UndoSelection): Promise<WriteResult> {
  const { store } = parts
  const nothing = { ...bodyOf({ number: null, rows: [] }, parts, asked), isUnchanged: true }
  // A request must not create the tables of a tenant that was never written to.
  if (!store.isReady) {
    readUndone(selection, readingOf({ parts, asked }, 1))
    return nothing
  }
  const idempotency = keyOf(asked)
  const { commit, result, isReplay } = await store.commit(
    (committing): Record<string, JsonValue> | null => {
      undoNow(committing, { parts, asked, selection })
      return null
    },
    { tenant: tenantOf(asked), ...(idempotency === undefined ? {} : { idempotency }) },
  )
  const outcome = isReplay ? { isReplay } : {}
  // An earlier request with the same key has started a job.
  if (result !== null) return { ...(result as unknown as WriteResult), ...outcome }
  if (commit === undefined) return { ...nothing, ...outcome }
  const made = await store.reading(() =>
    bodyOf({ number: commit, rows: eventsOfCommit(store.events, commit) }, parts, asked),
  )
  return { ...made, commit, ...outcome }
}

function undoNow(
  commit: Committing,
  {
    parts,
    asked,
    selection,
  }: { readonly parts: WriteParts; readonly asked: WriteAsked; readonly selection: UndoSelection },
): readonly LogRow[] {
  const rows = readUndone(selection, readingOf({ parts, asked }, commit.number))
  return undoIn(commit, { parts, asked, rows })
}

function readingOf(
  { parts, asked }: { readonly parts: WriteParts; readonly asked: WriteAsked },
  before: number,
): UndoReading {
  return {
    log: parts.store.events,
    visibility: visibilityOf(parts, asked),
    before,
    commitsOfJob: (job, limit) => commitsOfJob({ parts, asked }, { job, limit }),
  }
}

/** A caller may undo the jobs that it may see, once they have ended. */
function commitsOfJob(
  { parts: { store }, asked }: { readonly parts: WriteParts; readonly asked: WriteAsked },
  { job, limit }: { readonly job: string; readonly limit: number },
): readonly number[] {
  const { authority } = asked.caller
  const found = store.isReady ? store.requests.bulkJobs.find(job) : undefined
  if (found === undefined || !(isFullAuthority(authority) || found.actor === authority.who)) {
    const message = `there is no job '${job}': ended jobs are kept for 7 days`
    throw new ObjectError({ code: 'not_found', field: 'job', message })
  }
  if (found.state === 'running') {
    const message = `job '${job}' is still running: undo it once it has ended`
    throw new ObjectError({ code: 'conflict', field: 'job', message })
  }
  const commits = store.requests.bulkJobs.commitsOf(job, { after: 0, limit })
  if (commits !== undefined) return commits
  const message = `job '${job}' was started before the commits of jobs were recorded: undo its commits by their numbers`
  throw new ObjectError({ code: 'conflict', field: 'job', message })
}

function bodyOf(
  commit: { readonly number: number | null; readonly rows: readonly LogRow[] },
  parts: WriteParts,
  asked: WriteAsked,
): { readonly body: string } {
  const visibility = visibilityOf(parts, asked)
  const rows = commit.rows.filter((row) => visibility.isVisible(row))
  return { body: commitToText({ ...commit, rows }, { visibility, context: asked.caller.context }) }
}

function visibilityOf({ store }: WriteParts, { caller }: WriteAsked): EventVisibility {
  return store.eventVisibility(compileAuthority(caller.authority, store.catalog.current.lookup).visibility)
}
