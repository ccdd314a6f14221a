// `POST /bank/statements`: stores the movements of a statement, each once, however often a statement has it.

import { ask, type ServiceAnswer, type ServiceRequest, type ServiceRoute } from '@dotdo/service'
import { isPlainObject, ObjectError } from 'digital-objects'
import { readCamt, refused, type StatementMovement } from './camt-statement.ts'

const bytesMax = 32 * 2 ** 20
/** The movements of a commit, which is what a list of ids and a level of callers allow. */
const pageMax = 50

export const bankRoutes: readonly ServiceRoute[] = [
  {
    path: '/bank/statements',
    method: 'POST',
    about: 'Stores the movements of a bank statement in the form camt.053; those that are known are left out.',
    takesBytes: true,
    answer: storeStatement,
  },
]

async function storeStatement(request: ServiceRequest): Promise<ServiceAnswer> {
  const [unknown] = Object.keys(request.parameters)
  if (unknown !== undefined)
    throw new ObjectError({ code: 'invalid_parameter', field: unknown, message: 'a statement has no parameters' })
  await requireOwner(request)
  // All of it is read before anything is stored, so that a broken file changes nothing.
  const movements: StatementMovement[] = []
  for await (const movement of readCamt(limited(request.bytes()))) movements.push(movement)
  const counts = { created: 0, known: 0 }
  let bookmark: string | undefined
  for (let start = 0; start < movements.length; start += pageMax) {
    const page = movements.slice(start, start + pageMax)
    const known = await knownOf(request, page)
    const entities = page.filter(({ transactionId }) => !known.has(transactionId))
    counts.known += page.length - entities.length
    if (entities.length === 0) continue
    const body = JSON.stringify({ entities })
    const written = await ask(request, { kind: 'write', noun: 'BankTransaction', verb: 'createMany', body })
    counts.created += entities.length
    bookmark = written.bookmark ?? bookmark
  }
  return { ok: true, body: JSON.stringify(counts), ...(bookmark === undefined ? {} : { bookmark }) }
}

/** Refuses a caller whose movements would be refused, before the file is read. */
async function requireOwner(request: ServiceRequest): Promise<void> {
  const { body } = await ask(request, { kind: 'read', read: 'whoami', parameters: {} })
  if (isPlainObject(body) && body['mayDoEverything'] === true) return
  throw new ObjectError({ code: 'forbidden', message: 'statements are only for callers that may do everything' })
}

async function knownOf(request: ServiceRequest, page: readonly StatementMovement[]): Promise<ReadonlySet<unknown>> {
  const filter = JSON.stringify({ transactionId: { $in: page.map(({ transactionId }) => transactionId) } })
  const parameters = { filter, limit: '100', fields: 'transactionId', strong: 'true' }
  const { body } = await ask(request, { kind: 'read', read: 'find', noun: 'BankTransaction', parameters })
  const results = isPlainObject(body) && Array.isArray(body['results']) ? body['results'] : []
  return new Set(results.map((row) => (isPlainObject(row) ? row['transactionId'] : undefined)))
}

async function* limited(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let bytes = 0
  for await (const chunk of chunks) {
    bytes += chunk.length
    if (bytes > bytesMax) throw refused(`a statement has at most ${bytesMax / 2 ** 20} MB: send it in parts`)
    yield chunk
  }
}
