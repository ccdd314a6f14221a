// Contacts that are merged into each other at once, in both directions and in circles, while deals are added to them. Afterwards
// each deal belongs to a contact that is there, each merged contact leads to one, and no deal is lost.

import { seededRandom } from '@dotdo/db'
import { scaled, type Scenario, type Target } from './scenario.ts'

type Json = Readonly<Record<string, unknown>>

const tenant = 'racing-merges'
const contactsPerRound = 8
const callsPerRound = 24

export const racingMerges: Scenario = {
  name: 'racing-merges',
  about: 'contacts that are merged into each other at once, in circles too, while deals are added to them',

  async attack(target) {
    const seed = Date.now() % 1_000_000
    target.log(`seed ${seed}`)
    const random = seededRandom(seed)
    const codes = new Map<string, number>()
    const rounds = scaled(target, 30)
    for (let round = 0; round < rounds; round++) await runRound(target, { random, codes })
    const { body } = await ask(target, ['POST', '/lake/verify', {}])
    if (body['isWhole'] !== true || JSON.stringify(body['breaches']) !== '[]')
      throw new Error(`verify says ${JSON.stringify(body).slice(0, 300)}`)
    if ((codes.get('merged') ?? 0) < rounds) throw new Error(`only ${codes.get('merged') ?? 0} merges were made`)
    return { rounds, ...Object.fromEntries(codes) }
  },
}

async function runRound(
  target: Target,
  { random, codes }: { readonly random: () => number; readonly codes: Map<string, number> },
): Promise<void> {
  const contacts = await Promise.all(
    Array.from({ length: contactsPerRound }, () => made(target, 'Contact', { name: 'x' })),
  )
  const deals = await Promise.all(contacts.map((contact) => made(target, 'Deal', { name: 'd', value: 1, contact })))
  const any = (): string => contacts[Math.floor(random() * contacts.length)] ?? ''
  const call = async (): Promise<void> => {
    const [into, from] = [any(), any()]
    const isDeal = random() < 0.3
    const { status, body } = isDeal
      ? await ask(target, ['POST', '/Deal', { name: 'd', value: 1, contact: into }])
      : await ask(target, ['POST', `/Contact/${into}/merge`, { from: [from] }])
    if (isDeal && status === 201) deals.push(String(body['$id']))
    // A contact that is gone, or is merged into itself, is refused; a deal with it goes to the survivor.
    const outcome = status < 300 ? (isDeal ? 'deal' : 'merged') : String(body['code'])
    if (!['deal', 'merged', 'not_found', 'invalid_reference', 'validation_error'].includes(outcome))
      throw new Error(`${into} from ${from}: ${JSON.stringify(body).slice(0, 300)}`)
    codes.set(outcome, (codes.get(outcome) ?? 0) + 1)
  }
  await Promise.all(Array.from({ length: callsPerRound }, call))
  const live = new Set<string>()
  for (const id of contacts) {
    const { status, body } = await ask(target, ['GET', `/Contact/${id}?strong=true`])
    if (status === 200) live.add(id)
    else if (status !== 404 || typeof body['mergedInto'] !== 'string')
      throw new Error(`${id}: ${JSON.stringify(body).slice(0, 300)}`)
  }
  if (live.size === 0) throw new Error('no contact has survived')
  for (const id of contacts) {
    if (live.has(id)) continue
    const { body } = await ask(target, ['GET', `/Contact/${id}?strong=true`])
    if (!live.has(String(body['mergedInto'])))
      throw new Error(`${id} leads to ${String(body['mergedInto'])}, which is gone`)
  }
  for (const id of deals) {
    const { status, body } = await ask(target, ['GET', `/Deal/${id}?strong=true`])
    if (status !== 200 || !live.has(String(body['contact'])))
      throw new Error(`${id} belongs to ${String(body['contact'])}, which is gone`)
  }
}

async function made(target: Target, noun: string, fields: Json): Promise<string> {
  const { status, body } = await ask(target, ['POST', `/${noun}`, fields])
  if (status !== 201) throw new Error(`${noun}: ${JSON.stringify(body).slice(0, 300)}`)
  return String(body['$id'])
}

async function ask(
  { url }: Target,
  [method, path, given]: readonly [string, string, Json?],
): Promise<{ readonly status: number; readonly body: Json }> {
  const answer = await fetch(`${url}/~${tenant}${path}`, {
    method,
    headers: { 'content-type': 'application/json' },
    ...(given === undefined ? {} : { body: JSON.stringify(given) }),
  })
  return { status: answer.status, body: (await answer.json()) as Json } // the server answers with objects
}
