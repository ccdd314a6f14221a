// Sends generated requests, valid and hostile, to two tenants at once. Two in five are valid by construction and must
// succeed. No answer may be a 5xx, every refusal must be a problem document that names the fault, no tenant may see data
// of the other, and both tenants must be consistent at the end.
//
//   node soak/fuzz.ts --base http://localhost:8787 --requests 10000 --seed 1

import { parseArgs } from 'node:util'
import fc from 'fast-check'
import { anyRequest, type Known } from './generated-requests.ts'
import { type FuzzRequest, type RawAnswer, send, show } from './raw-http.ts'
import { verifyTenant } from './replay-log.ts'

export interface FuzzOptions {
  readonly baseUrl: string
  readonly requests: number
  readonly seed: number
}

export interface FuzzSummary {
  readonly requests: number
  readonly statuses: Readonly<Record<number, number>>
}

const concurrency = 16
const canaries = ['heliotropecanary', 'quokkacanary'] as const

/** Throws at the first wrong answer, with the whole request. */
export async function fuzz(options: FuzzOptions): Promise<FuzzSummary> {
  const { baseUrl, requests, seed } = options
  const run = Date.now().toString(36)
  const tenants = canaries.map((canary, at) => ({
    canary,
    other: canaries[1 - at] as string,
    name: `fuzz${at}-${run}`,
  }))
  const ids = await Promise.all(tenants.map(({ name, canary }) => prepare(`${baseUrl}/~${name}`, canary)))
  const { port } = new URL(baseUrl)
  const statuses: Record<number, number> = {}
  const made = tenants.map(({ canary }, at) =>
    fc.sample(anyRequest(canary, ids[at] as Known), { seed: seed + at, numRuns: Math.ceil(requests / 2) }),
  )
  let next = 0
  const worker = async (): Promise<void> => {
    for (let at = next++; at < requests; at = next++) {
      const tenant = tenants[at % 2] as (typeof tenants)[number]
      const request = made[at % 2]?.[Math.floor(at / 2)] as FuzzRequest
      const answer = await send(Number(port), `/~${tenant.name}${request.path}`, request)
      statuses[answer.status] = (statuses[answer.status] ?? 0) + 1
      const fault = faultOf(request, answer, tenant.other)
      if (fault !== undefined)
        throw new Error(
          `seed ${seed}, request ${at}: ${fault}\n${show(request)}\n${answer.status} ${answer.body.slice(0, 1_000)}`,
        )
    }
  }
  await Promise.all(Array.from({ length: concurrency }, worker))
  for (const { name } of tenants) await verifyTenant({ baseUrl, tenant: name })
  return { requests, statuses }
}

function faultOf(request: FuzzRequest, answer: RawAnswer, foreign: string): string | undefined {
  // Nothing is connected, and some verbs say so.
  if (answer.status >= 500 && answer.status !== 501) return 'a 5xx'
  if (answer.body.includes(foreign)) return 'data of the other tenant'
  if (request.expect?.includes(answer.status) === false) return `expected ${request.expect.join(' or ')}`
  // Refusals by the platform itself, such as of a broken request line, are plain text.
  if (answer.status < 400 || answer.head || !answer.isOurs) return undefined
  if (!/application\/problem\+json/i.test(answer.headers)) return 'a refusal without a problem document'
  const problem = JSON.parse(answer.body) as {
    code?: string
    detail?: string
    field?: string
    type?: string
    id?: string
    errors?: { field?: string }[]
  }
  if (problem.code === undefined || problem.detail === undefined) return 'a problem without code or detail'
  const isNamed =
    (problem.field ?? problem.errors?.[0]?.field ?? '') !== '' ||
    ['not_found', 'verb_disabled', 'version_conflict', 'invalid_transition', 'invalid_cursor'].includes(problem.code)
  if (!isNamed && [400, 422].includes(answer.status)) return 'a problem without a field'
  return /\bat .+\.(?:ts|js):\d+|node_modules/.test(answer.body) ? 'a stack trace' : undefined
}

async function prepare(url: string, canary: string): Promise<Known> {
  const create = async (noun: string, fields: object): Promise<string> => {
    const answer = await fetch(`${url}/${noun}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(fields),
    })
    return ((await answer.json()) as { $id: string }).$id
  }
  const organization = await create('Organization', { name: `${canary} org` })
  const contact = await create('Contact', { name: `${canary} contact`, organization })
  return { organization, contact, deal: await create('Deal', { name: `${canary} deal`, value: 1, contact }) }
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      base: { type: 'string', default: 'http://localhost:8787' },
      requests: { type: 'string', default: '10000' },
      seed: { type: 'string' },
    },
  })
  const seed = Number(values.seed ?? Date.now() % 1_000_000)
  console.log(`seed ${seed}`)
  console.log(JSON.stringify(await fuzz({ baseUrl: values.base, requests: Number(values.requests), seed })))
}
