// `createMany`, `updateMany` and `deleteMany`: changes of many entities of one Noun, as one commit.

import { commitChangesMax, commitTooLarge, type Committing, isCommitTooLarge } from '@dotdo/do'
import { ObjectError } from 'digital-objects'
import { problemOf } from '../answers/problem.ts'
import type { CrudVerb } from '../answers/crud-verbs.ts'
import { RecordedReads } from '../entities/recorded-reads.ts'
import { manyBody } from '../openapi/commit-schemas.ts'
import { commitResponse, jsonResponse, ref } from '../openapi/components.ts'
import type { Operation } from '../openapi/operation.ts'
import { entityCreateParameters } from '../openapi/parameters.ts'
import { commitCall } from '../writes/commit-call.ts'
import { happenedAt } from '../writes/happened.ts'
import type { PartResult, Write, WriteAsked, WriteParts, WriteResult } from '../writes/write.ts'
import { startBulkJob } from './bulk-request.ts'
import { type ChosenFrom, countByFilter, idsByFilter } from './chosen-ids.ts'
import { formatMany, type Item, type ItemRefusal, ManyChanges, type ManyKind } from './many-changes.ts'
import { type ManyRequest, parseMany } from './many-requests.ts'

export const createMany = defineMany({
  kind: 'createMany',
  about: 'Create several {Noun} entities, all of them or none',
  needs: 'create',
})

export const updateMany = defineMany({
  kind: 'updateMany',
  about: 'Change several {Noun} entities, chosen by ids or by a filter, all of them or none',
  needs: 'update',
})

export const deleteMany = defineMany({
  kind: 'deleteMany',
  about: 'Delete several {Noun} entities, chosen by ids or by a filter, all of them or none',
  needs: 'delete',
})

interface ManyDefinition extends Pick<Operation, 'about'> {
  readonly kind: ManyKind
  readonly needs: CrudVerb
}

/** A choice by a filter is read again this often if other commits have changed it meanwhile. */
const choicesMax = 3

function defineMany({ kind, about, needs }: ManyDefinition): Write {
  return {
    kind: 'write',
    name: kind,
    about,
    routes: [{ methods: ['POST'], path: `/{Noun}/${kind}` }],
    needs,
    parameters: entityCreateParameters,
    takesForce: true,
    body: { isRequired: true, schema: ({ noun }) => manyBody(noun, kind) },
    responses: () => ({
      200: commitResponse('The number of entities and their ids', 'ManyResult'),
      202: jsonResponse('The job that performs what is too large for one commit', ref('StartedJob')),
    }),

    async perform(parts, asked) {
      const request = parseMany(kind, asked.call.body)
      // A job would refuse each of its entities.
      happenedAt(parts.store, asked.call)
      try {
        if (request.items === undefined) return await performChosen({ kind, parts, asked, request })
        return await commitCall(parts, asked, (commit) => performItems(commit, { kind, parts, asked, ...request }))
      } catch (error) {
        if (!isCommitTooLarge(error)) throw error
        const total =
          request.items === undefined ? await countChosen({ kind, parts, asked, request }) : request.items.length
        return startBulkJob(parts, asked, { kind, total })
      }
    },

    performIn(commit, parts, asked) {
      const request = parseMany(kind, asked.call.body)
      if (request.items !== undefined) return performItems(commit, { kind, parts, asked, ...request })
      const items = chosenItems({ kind, parts, asked, request }, { store: parts.store })
      return performItems(commit, { kind, parts, asked, items })
    },
  }
}

interface ManyAsked {
  readonly kind: ManyKind
  readonly parts: WriteParts
  readonly asked: WriteAsked
}

function performItems(
  commit: Committing,
  {
    kind,
    parts,
    asked,
    items,
    isAtomic = true,
  }: ManyAsked & { readonly items: readonly Item[]; readonly isAtomic?: boolean },
): PartResult {
  if (items.length > commitChangesMax) throw commitTooLarge(`${commitChangesMax} changes`)
  const { call, caller } = asked
  const changes = new ManyChanges(kind, { commit, parts, caller, call })
  const ids: string[] = []
  const refusals: ItemRefusal[] = []
  let changed = 0
  for (const item of items) {
    try {
      const written = changes.perform(item)
      if (!written.isUnchanged && !written.isReplay) changed++
      if (changes.isVisible(written)) ids.push(written.row.target)
    } catch (error) {
      if (isAtomic || !(error instanceof ObjectError) || isCommitTooLarge(error)) throw error
      refusals.push(toRefusal(item, error))
    }
  }
  const number = changed === 0 ? null : commit.number
  const refused = isAtomic ? {} : { refusals }
  return {
    body: formatMany({ commit: number, matched: items.length, changed, ids, ...refused }),
    ...refused,
    ...(number === null ? { isUnchanged: true } : { commit: number }),
  }
}

/** A refusal of one of several, without what is different in each attempt, since a plan compares it. */
function toRefusal({ field }: Item, error: ObjectError): ItemRefusal {
  const { requestId: _requestId, ...problem } = problemOf(error.toData())
  return { field, status: problem.status, problem: { ...problem, requestId: '' } }
}

type ByFilter = ManyAsked & { readonly request: Extract<ManyRequest, { readonly items?: undefined }> }

/**
 * Chooses the entities before the commit, in slices that do not hold up other requests. The commit checks that no other one
 * has changed the choice. After some attempts the choice is made inside the commit.
 */
async function performChosen(given: ByFilter): Promise<WriteResult> {
  const { parts, asked } = given
  const { store } = parts
  for (let attempt = 0; attempt < choicesMax && store.isReady; attempt++) {
    const recorder = new RecordedReads()
    const chosen = await store.reading((run) => {
      const items = chosenItems(given, { store, run, recorder })
      return { items, seq: run.seq ?? store.events.head }
    })
    let conflict: ObjectError | undefined
    try {
      return await commitCall(parts, asked, (commit) => {
        conflict = recorder.conflict(store, { after: chosen.seq, through: store.events.head })
        if (conflict !== undefined) throw conflict
        return performItems(commit, { ...given, items: chosen.items })
      })
    } catch (error) {
      if (conflict === undefined || error !== conflict) throw error
    }
  }
  return commitCall(parts, asked, (commit) => performItems(commit, { ...given, items: chosenItems(given, { store }) }))
}

function countChosen({ parts, asked, request }: ByFilter): Promise<number> {
  const { store } = parts
  const { call, caller } = asked
  return store.reading((run) => countByFilter({ noun: call.noun, filter: request.filter, caller }, { store, run }))
}

function chosenItems({ asked, request }: ByFilter, from: ChosenFrom): readonly Item[] {
  const { call, caller } = asked
  const by = { noun: call.noun, filter: request.filter, caller }
  const { ids, hasMore } = idsByFilter(by, from, { limit: commitChangesMax })
  if (hasMore) throw commitTooLarge(`${commitChangesMax} changes`)
  return ids.map((id) => ({ field: id, id, body: request.body }))
}
