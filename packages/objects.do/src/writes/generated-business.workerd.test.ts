// The law of all rules: no sequence of writes, with their effects on other entities, reaches a record that its Noun forbids.

import { seededRandom } from '@dotdo/db'
import { env } from 'cloudflare:test'
import {
  brokenBounds,
  type Call,
  type Entity,
  type EntityFields,
  fullAuthority,
  type NounSchema,
  nouns,
  type ObjectEvent,
  serviceNouns,
  validateCreate,
} from 'digital-objects'
import { expect, test } from 'vitest'
import { ask, askRead } from '../../test/ask-tenant.ts'
import { type Business, GeneratedBusiness } from '../../test/generated-business.ts'
import { askTenant, parseAnswer } from '../index.ts'

const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 1e9))
/** Sequences; `npm run soak:business` sets more. */
const runs = Number(process.env['RUNS'] ?? 1)
const writesPerRun = 400
const callsPerMessage = 20

const builtIn = Object.values(nouns).map(({ $schema }) => $schema)
const brought = Object.values(serviceNouns).map(({ $schema }) => $schema)
const isOfMoney = ({ name, service }: NounSchema): boolean =>
  service === 'payments.do' || /^(Customer|Price|Plan|Subscription|Invoice|Payment)$/.test(name)

/** Every other tenant has the Nouns of services too. */
function schemasOf(run: number): readonly NounSchema[] {
  return run % 2 === 0 ? builtIn : [...builtIn, ...brought]
}

async function runBusiness(of: number) {
  const schemas = schemasOf(of)
  const money = schemas.filter(isOfMoney)
  const weighted = [...schemas, ...money, ...money, ...money]
  const tenant = `b${crypto.randomUUID().slice(0, 8)}`
  const caller = {
    tenant,
    context: `http://localhost/~${tenant}`,
    authority: fullAuthority('ada'),
    via: 'rest',
  } as const
  const stub = (of % 2 === 0 ? env.TENANTS : env.PAYMENTS).getByName(tenant)
  const generated = new GeneratedBusiness(weighted, seededRandom(of))
  const made: { noun: string; id: string }[] = []
  const commits: number[] = []
  const business: Business = { made, commits }
  const counts = { accepted: 0, refused: new Map<string, number>() }
  let seen = 0
  for (let done = 0; done < writesPerRun; done += callsPerMessage) {
    const calls: readonly Call[] = Array.from({ length: callsPerMessage }, () => generated.next(business))
    const answers = (await askTenant(stub, { caller, calls })) ?? []
    for (const [at, text] of answers.entries()) {
      const answer = parseAnswer(text)
      if (!answer.ok) {
        const { code } = answer.error
        expect(code, `${JSON.stringify(calls[at])}: ${answer.error.message}`).not.toBe('internal')
        counts.refused.set(code, (counts.refused.get(code) ?? 0) + 1)
        continue
      }
      counts.accepted++
      if (answer.commit !== undefined) commits.push(answer.commit)
    }
    // What effects have created is written to as well.
    for (const { seq, type, target, version } of await eventsAfter({ stub, caller }, seen)) {
      seen = seq
      if (version === 1) made.push({ noun: type.split('.')[0] ?? '', id: target })
    }
  }
  return { stub, caller, counts, schemas }
}

type Opened = Pick<Awaited<ReturnType<typeof runBusiness>>, 'stub' | 'caller'>

async function eventsAfter({ stub, caller }: Opened, after: number): Promise<readonly ObjectEvent[]> {
  const answer = await askRead(stub, caller, { read: 'events', parameters: { limit: '1000', after: String(after) } })
  if (!answer.ok) throw new Error(answer.error.message)
  return (JSON.parse(answer.body) as { readonly results: readonly ObjectEvent[] }).results
}

async function all({ stub, caller }: Opened, noun: string): Promise<readonly Entity[]> {
  const found: Entity[] = []
  for (let cursor: string | null = ''; cursor !== null;) {
    const parameters = { limit: '100', ...(cursor === '' ? {} : { cursor }) }
    const answer = await askRead(stub, caller, { read: 'find', noun, parameters })
    if (!answer.ok) throw new Error(answer.error.message)
    const page = JSON.parse(answer.body) as { results: Entity[]; cursor: string | null }
    found.push(...page.results)
    cursor = page.cursor
  }
  return found
}

function fieldsOf(entity: Entity): EntityFields {
  return Object.fromEntries(Object.entries(entity).filter(([name]) => !name.startsWith('$')))
}

/** Each entity by the rules of its Noun, those that compare with other entities included. */
async function expectLegal(opened: Opened, schemas: readonly NounSchema[]): Promise<void> {
  const byId = new Map<string, EntityFields>()
  const byNoun = new Map<string, readonly Entity[]>()
  for (const { name } of schemas) byNoun.set(name, await all(opened, name))
  for (const entities of byNoun.values()) for (const entity of entities) byId.set(entity.$id, fieldsOf(entity))
  for (const schema of schemas)
    for (const { $id } of byNoun.get(schema.name) ?? []) {
      const fields = byId.get($id) ?? {}
      const checked = validateCreate(schema, fields)
      expect(checked.ok ? [] : checked.faults, $id).toEqual([])
      expect(brokenBounds(schema, { fields, related: (id) => byId.get(id) }), $id).toEqual([])
    }
  for (const { $id, amountPaid = 0, status } of byNoun.get('Invoice') ?? []) {
    const paid = (byNoun.get('Payment') ?? [])
      .filter((payment) => payment['invoice'] === $id && payment['capturedAt'] !== undefined)
      .reduce((sum, payment) => sum + Number(payment['amount']), 0)
    expect([$id, status, amountPaid]).toEqual([$id, status, paid])
  }
}

test(
  `no sequence of writes of all Nouns reaches a record that its own rules forbid (seed ${seed})`,
  async () => {
    for (let run = 0; run < runs; run++) {
      const { stub, caller, counts, schemas } = await runBusiness(seed + run)
      expect(counts.accepted, JSON.stringify([...counts.refused])).toBeGreaterThan(writesPerRun / 4)
      await expectLegal({ stub, caller }, schemas)
      const verified = await ask(stub, caller, { kind: 'command', command: 'lake.verify' })
      expect(verified.ok && (JSON.parse(verified.body) as unknown)).toMatchObject({ faults: [], breaches: [] })
    }
  },
  60_000 + runs * 20_000,
)
