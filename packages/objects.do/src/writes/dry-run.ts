// A dry run performs a write as a commit and rolls it back. The answer says what the write would do: its events, as far as the
// caller may see them, its refusals and its result.

import { type Committing, logRowToText, type TenantStore } from '@dotdo/do'
import { compileAuthority, ObjectError, type ObjectErrorData } from 'digital-objects'
import { problemOf } from '../answers/problem.ts'
import { tenantOf } from './commit-call.ts'
import type { Write, WriteAsked, WriteParts, WriteResult } from './write.ts'

const rowsPerRead = 100

/** Throws an ObjectError if the write has no dry run. What the write itself would refuse is part of the answer. */
export async function dryRun(write: Write, parts: WriteParts, asked: WriteAsked): Promise<WriteResult> {
  const { performIn } = write
  if (performIn === undefined) {
    const message = `${write.name} has no dry run: it is not made of changes that could be rolled back`
    throw new ObjectError({ code: 'invalid_parameter', field: 'dryRun', message })
  }
  // A tenant without data is tried with all its tables, which are rolled back as well.
  const store = parts.store.isReady ? parts.store : parts.store.rehearsal()
  const work = (commit: Committing): Tried => {
    const { body, refusals = [], commits = [] } = performIn(commit, { ...parts, store }, asked)
    const events = eventTexts(commit, { store, asked, commits })
    return { events, result: body === '' ? 'null' : body, refusals: JSON.stringify(refusals) }
  }
  const tried = await tryCommit(() => store.commit(work, { tenant: tenantOf(asked), isDryRun: true }))
  const { events, result, refusals } = tried
  return {
    body: `{"dryRun":true,"events":[${events.join(',')}],"refusals":${refusals},"result":${result},"plan":null}`,
  }
}

/** All texts are JSON. */
type Tried = { readonly events: readonly string[]; readonly result: string; readonly refusals: string }

async function tryCommit(commit: () => Promise<{ readonly result: Tried }>): Promise<Tried> {
  try {
    return (await commit()).result
  } catch (error) {
    if (!(error instanceof ObjectError) || error.code === 'overloaded') throw error
    return { events: [], result: 'null', refusals: JSON.stringify(refusalsOf(error.toData())) }
  }
}

/** Those of the operations of a batch, or the one of any other write. */
function refusalsOf(error: ObjectErrorData): readonly unknown[] {
  const details = error.code === 'batch_failed' ? error.detail?.['details'] : undefined
  if (Array.isArray(details)) return details
  const problem = problemOf(error)
  return [{ status: problem.status, problem }]
}

/** The events of the commit so far as JSON. The caller's rules decide by the state, so this runs inside the commit. */
function eventTexts(
  { number }: Committing,
  given: { readonly store: TenantStore; readonly asked: WriteAsked; readonly commits: readonly number[] },
): readonly string[] {
  const { store, asked, commits } = given
  const { authority, context } = asked.caller
  const { visibility } = compileAuthority(authority, store.catalog.current.lookup)
  const events = store.eventVisibility(visibility)
  const texts: string[] = []
  for (let after = number - 1; after < store.events.head;) {
    const { rows, readThrough } = store.events.read({ after, limit: rowsPerRead })
    for (const row of rows) {
      if (!events.isVisible(row)) continue
      const commit = commits.findLast((first) => first <= row.seq) ?? row.commit
      texts.push(logRowToText({ ...events.shown(row), commit }, context))
    }
    after = readThrough
  }
  return texts
}
