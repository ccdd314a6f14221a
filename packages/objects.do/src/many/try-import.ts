// `import.try`: writes the first rows of a file as their import would, in one commit that is rolled back. So a dry run refuses what
// the import will refuse: rules of fields, references, transitions, hooks, unique values and the rights of the caller.

import { type Committing, isCommitTooLarge } from '@dotdo/do'
import { importStepRows } from '@dotdo/service'
import { isPlainObject, type JsonValue, ObjectError } from 'digital-objects'
import { requireFullAuthority } from '../answers/require-full-authority.ts'
import { jsonResponse, ref } from '../openapi/components.ts'
import { tenantOf } from '../writes/commit-call.ts'
import { parseBody } from '../writes/parse-body.ts'
import type { Write, WriteParts } from '../writes/write.ts'
import { keptIdsAbout, KeptIds } from './import-ids.ts'
import { linksPerStep, notConfigured, stepOf, wantedByLinks, wantedByRows } from './import-job.ts'
import { findNamed, FoundEntities } from './import-references.ts'
import { type ImportParts, type ReadRow, RowWriter, type Step } from './import-row-writer.ts'
import { requireWriter } from './import-writes.ts'

/** Links have no file here. They are rolled back. */
const noSource = ''

type TriedRows = {
  /** Rows that were written or refused: fewer than were sent if a commit cannot hold those. */
  readonly tried: number
  readonly created: number
  readonly updated: number
  readonly refused: readonly RefusedLine[]
}

type RefusedLine = { readonly line: number; readonly reason: string }

export const tryImport: Write = {
  kind: 'write',
  name: 'import.try',
  about: 'Show what the import of the first rows of a file would do, and change nothing',
  routes: [],
  parameters: {},
  responses: () => ({ 200: jsonResponse('The rows that would be refused', ref('StartedJob')) }),

  async perform(parts, asked) {
    const { rows, plan, isWhole } = parseTry(asked.call.body)
    const noun = requireWriter(parts, asked)
    if (plan['ids'] === 'keep') requireFullAuthority(asked.caller, keptIdsAbout)
    if (parts.importer === undefined) throw notConfigured()
    const convert = parts.importer.converter(plan, noun)
    // A tenant without data is tried with all its tables, which are rolled back as well.
    const store = parts.store.isReady ? parts.store : parts.store.rehearsal()
    const step = stepOf(store, { asked, source: noSource, plan, noun: noun.name })
    const read = rows.map((staged): ReadRow => ({ staged, row: convert(staged) }))
    for (let size = read.length; ; size = Math.ceil(size / 2)) {
      const some = read.slice(0, size)
      try {
        const body = await tryRows({ ...parts, store }, { step, rows: some, isWhole: isWhole && size === read.length })
        return { body: JSON.stringify(body), isUnchanged: true }
      } catch (error) {
        if (!isCommitTooLarge(error) || size <= 1) throw error
      }
    }
  },
}

interface Trial {
  readonly step: Step
  readonly rows: readonly ReadRow[]
  /** Whether the file has no other rows, so that references to later ones can be followed. */
  readonly isWhole: boolean
}

async function tryRows({ store, calls }: WriteParts, { step, rows, isWhole }: Trial): Promise<TriedRows> {
  const found = store.isReady
    ? await store.reading((run) => findNamed(wantedByRows(rows, step), step.finding, run))
    : new FoundEntities()
  const ids = new KeptIds()
  const work = (commit: Committing): TriedRows => {
    const parts: ImportParts = { store: () => store, requests: store.requests, calls }
    const refused: RefusedLine[] = []
    const writer = new RowWriter(commit, { step, rows, found, ids, parts })
    writer.writeEach(rows, ({ row: { line } }, error) => refused.push({ line, reason: error.message }))
    if (isWhole) followLinks(commit, { step, ids, parts, refused })
    const { created, updated } = writer
    return { tried: rows.length, created, updated, refused: refused.toSorted((a, b) => a.line - b.line) }
  }
  const tenant = tenantOf(step.asked)
  const { result } = await store.commit(work, { tenant, isDryRun: true, nextId: ids.next, consent: 'enforced' })
  return result
}

function followLinks(
  commit: Committing,
  of: {
    readonly step: Step
    readonly ids: KeptIds
    readonly parts: ImportParts
    readonly refused: RefusedLine[]
  },
): void {
  const { step, ids, parts, refused } = of
  const { imports } = parts.requests
  for (let after = 0; ;) {
    const links = imports.links(noSource, { after, limit: linksPerStep })
    const last = links.at(-1)
    if (last === undefined) return
    const found = foundNow(wantedByLinks(links, step), step)
    // Their entities cannot be looked for inside of a commit. The import decides.
    if (found === undefined) return
    const writer = new RowWriter(commit, { step, rows: [], found, ids, parts })
    writer.followEach(links, ({ line }, reason) => refused.push({ line, reason }))
    after = last.n
  }
}

function foundNow(wanted: Parameters<typeof findNamed>[0], { finding }: Step): FoundEntities | undefined {
  try {
    return findNamed(wanted, finding)
  } catch (error) {
    if (error instanceof ObjectError) return undefined
    throw error
  }
}

function parseTry(text: string): {
  readonly rows: readonly JsonValue[]
  readonly plan: Readonly<Record<string, JsonValue>>
  readonly isWhole: boolean
} {
  const { rows, plan, isWhole } = parseBody(text)
  if (!Array.isArray(rows) || rows.length > importStepRows)
    throw invalid('rows', `expects a list of at most ${importStepRows} rows`)
  if (!isPlainObject(plan)) throw invalid('plan', 'expects the plan of the import')
  if (typeof isWhole !== 'boolean') throw invalid('isWhole', 'expects true or false')
  return { rows, plan, isWhole }
}

function invalid(field: string, message: string): ObjectError {
  return new ObjectError({ code: 'invalid_body', field, message: `import: '${field}' ${message}` })
}
