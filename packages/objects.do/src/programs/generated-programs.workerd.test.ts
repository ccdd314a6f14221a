// Generated programs against a model, while others write between their messages: a program that commits has seen, and made,
// what it would have if it had run alone at its commit. One that fails leaves nothing. A rehearsal shows what the commit makes.

import { env } from 'cloudflare:test'
import { seededRandom } from '@dotdo/db'
import { type Call, compareText, fullAuthority, type JsonValue } from 'digital-objects'
import { expect, test } from 'vitest'
import { ask, askRead, askWrite } from '../../test/ask-tenant.ts'
import { ProgramClient, ProgramEnded } from '../../test/program-client.ts'
import {
  type ModelFields,
  type ModelNoun,
  type Operation,
  type Seen,
  type SeenEntity,
  seenOf,
  TenantModel,
} from '../../test/program-model.ts'
import type { Answer } from '../answers/answer.ts'

const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 1_000_000))
const rounds = Number(process.env['RUNS'] ?? 1)
const programsPerRound = 60
const attemptsMax = 12
const caller = {
  tenant: 'generated',
  context: 'http://localhost/~generated',
  authority: fullAuthority('user_1'),
  via: 'sdk',
} as const

interface Plan {
  readonly messages: readonly (readonly Operation[])[]
  readonly fails: boolean
  readonly isRehearsed: boolean
}

class Generator {
  readonly random: () => number

  constructor(salt: number) {
    this.random = seededRandom(seed + salt)
  }

  chance(share: number): boolean {
    return this.random() < share
  }

  pick<Value>(values: readonly Value[]): Value {
    return values[Math.floor(this.random() * values.length)] as Value
  }

  fields(noun: ModelNoun): ModelFields {
    const maybe = <Value>(value: Value): Value | undefined => (this.chance(0.6) ? value : undefined)
    const name = `${this.pick(['Ada', 'Bea', 'Cy'])} ${Math.floor(this.random() * 5)}`
    if (noun === 'Organization') return { name, industry: maybe(this.pick(['x', 'y'])) }
    return {
      name,
      title: maybe(this.pick(['a', 'b', 'c'])),
      email: this.chance(0.2) ? `${this.pick(['p', 'q', 'r'])}@example.com` : undefined,
      leadScore: maybe(this.pick([0, 1, 2, 3])),
      organization: maybe(Math.floor(this.random() * 10)),
    }
  }

  filter(noun: ModelNoun): object {
    if (noun === 'Organization') return this.pick<object>([{}, { industry: 'x' }, { 'contacts.title': 'a' }])
    return this.pick<object>([
      {},
      { title: this.pick(['a', 'b']) },
      { leadScore: { $gte: this.pick([1, 2]) } },
      { $or: [{ title: 'a' }, { leadScore: 3 }] },
      { $not: { title: 'c' } },
      { 'organization.industry': 'x' },
      { $text: this.pick(['ada', 'be']) },
      { name: { $regex: '^C' } },
    ])
  }

  operation(): Operation {
    const noun = this.pick<ModelNoun>(['Contact', 'Contact', 'Organization'])
    const at = Math.floor(this.random() * 1_000)
    const dice = this.random()
    if (dice < 0.2) return { op: 'create', noun, fields: this.fields(noun) }
    if (dice < 0.4) return { op: 'update', at, fields: this.fields('Contact') }
    if (dice < 0.47) return { op: 'remove', at }
    if (dice < 0.6) return { op: 'get', at }
    return { op: dice < 0.85 ? 'find' : 'count', noun, filter: this.filter(noun) }
  }

  plan(): Plan {
    const messages = Array.from({ length: 1 + Math.floor(this.random() * 4) }, () =>
      Array.from({ length: 1 + Math.floor(this.random() * 3) }, () => this.operation()),
    )
    return { messages, fails: this.chance(0.15), isRehearsed: this.chance(0.3) }
  }
}

/** The entities that operations choose from. */
interface Known {
  readonly contacts: readonly string[]
  readonly organizations: readonly string[]
}

function chosen(ids: readonly string[], at: number, missing = 'contact_000000000000'): string {
  return ids[at % ids.length] ?? missing
}

function fieldsWithIds({ organization, ...fields }: ModelFields, { organizations }: Known): ModelFields {
  return typeof organization === 'number'
    ? { ...fields, organization: chosen(organizations, organization, 'organization_000000000000') }
    : fields
}

function toCall(operation: Operation, known: Known): Call {
  switch (operation.op) {
    case 'create': {
      const body = JSON.stringify(fieldsWithIds(operation.fields, known))
      return { kind: 'write', noun: operation.noun, verb: 'create', body }
    }
    case 'update': {
      const body = JSON.stringify(fieldsWithIds(operation.fields, known))
      return { kind: 'write', noun: 'Contact', verb: 'update', id: chosen(known.contacts, operation.at), body }
    }
    case 'remove':
      return { kind: 'write', noun: 'Contact', verb: 'delete', id: chosen(known.contacts, operation.at), body: '' }
    case 'get':
      return { kind: 'read', read: 'get', noun: 'Contact', id: chosen(known.contacts, operation.at), parameters: {} }
    default: {
      const parameters = {
        filter: JSON.stringify(operation.filter),
        ...(operation.op === 'find' ? { sort: '$id', limit: '100' } : {}),
      }
      return { kind: 'read', read: operation.op, noun: operation.noun, parameters }
    }
  }
}

function toSeen(answer: Answer | undefined): Seen {
  if (answer?.ok !== true) return answer?.error.code ?? 'no answer'
  if (answer.body === '') return null
  const body = JSON.parse(answer.body) as Readonly<Record<string, JsonValue>>
  if (typeof body['count'] === 'number') return body['count']
  if (Array.isArray(body['results'])) return (body['results'] as SeenEntity[]).map(seenOf)
  return seenOf(body)
}

/** Performs an operation in the model. `seen` tells the id that a creation got. */
function inModel(
  model: TenantModel,
  operation: Operation,
  { known, seen }: { readonly known: Known; readonly seen: Seen },
): { readonly model: TenantModel; readonly seen: Seen } {
  switch (operation.op) {
    case 'create': {
      const id = typeof seen === 'object' && seen !== null && '$id' in seen ? String(seen['$id']) : 'none'
      return model.create(operation.noun, id, fieldsWithIds(operation.fields, known))
    }
    case 'update':
      return model.update(chosen(known.contacts, operation.at), fieldsWithIds(operation.fields, known))
    case 'remove':
      return model.remove(chosen(known.contacts, operation.at))
    case 'get':
      return { model, seen: model.get(chosen(known.contacts, operation.at)) }
    case 'find':
      return { model, seen: model.find(operation.noun, operation.filter) }
    default:
      return { model, seen: model.find(operation.noun, operation.filter).length }
  }
}

interface Step {
  readonly operation: Operation
  readonly known: Known
  readonly seen: Seen
}

class World {
  model = new TenantModel()
  known: Known = { contacts: [], organizations: [] }
  readonly #stub = env.TENANTS.get(env.TENANTS.newUniqueId())
  readonly #generator: Generator
  #conflicts = 0
  #executed = 0

  constructor(generator: Generator) {
    this.#generator = generator
  }

  get conflicts(): number {
    return this.#conflicts
  }

  /** The plans that were executed. */
  get executed(): number {
    return this.#executed
  }

  /** Runs one program to its end. Returns whether it committed. */
  async run(plan: Plan): Promise<boolean> {
    for (let attempt = 0; attempt < attemptsMax; attempt++) {
      // The last attempts are left alone, as those of one tenant take turns.
      const steps = await this.#attempt(plan, attempt < attemptsMax / 2).catch((error: unknown) => {
        if (error instanceof ProgramEnded && error.fate === 'again') return undefined
        throw error
      })
      if (steps === undefined) {
        this.#conflicts++
        continue
      }
      if (plan.fails) return false
      this.#apply(steps)
      return true
    }
    throw new Error('every attempt was in conflict, although nobody else wrote')
  }

  async #attempt({ messages, fails, isRehearsed }: Plan, isContended: boolean): Promise<readonly Step[]> {
    const program = new ProgramClient(this.#stub, caller)
    const steps: Step[] = []
    let known = this.known
    for (const operations of messages) {
      if (isContended && this.#generator.chance(0.2)) await this.writeAlone()
      const answers = await program.ask(...operations.map((operation) => toCall(operation, known)))
      const seen = operations.map((operation, at) => ({ operation, known, seen: toSeen(answers[at]) }))
      steps.push(...seen)
      known = seen.reduce(learn, known)
    }
    if (fails) return steps
    const rehearsed = isRehearsed ? await program.rehearse() : undefined
    // A plan may be executed later than the program could commit.
    const plan = rehearsed !== undefined && this.#generator.chance(0.5) ? rehearsed.plan : null
    // A program that only reads has its place in the order of all at its last message.
    const hasWritten = messages.flat().some(isWrite)
    const mayLetOthersWrite = hasWritten && (rehearsed === undefined || plan !== null)
    if (isContended && mayLetOthersWrite && this.#generator.chance(0.2)) await this.writeAlone()
    if (rehearsed !== undefined && plan !== null) {
      const events = await this.#eventsOf(await this.#execute(plan))
      expect(events.map(withoutPlace)).toEqual(rehearsed.events.map(withoutPlace))
      return steps
    }
    const { commit } = await program.commit()
    if (rehearsed !== undefined)
      expect(rehearsed.events.map(asPredicted)).toEqual((await this.#eventsOf(commit)).map(asPredicted))
    return steps
  }

  /** Returns the number of the commit. Throws ProgramEnded if the plan is outdated, so that the program starts again. */
  async #execute(plan: string): Promise<number | undefined> {
    const answer = await askWrite(this.#stub, caller, { noun: '', verb: 'commits.plan', id: plan })
    if (answer.ok) {
      this.#executed++
      return answer.commit
    }
    expect(answer.error.code).toBe('plan_outdated')
    throw new ProgramEnded(answer.error, 'again')
  }

  /** A write of somebody else. */
  async writeAlone(): Promise<void> {
    const operation = this.#generator.operation()
    if (!isWrite(operation)) return
    const { known } = this
    const seen = toSeen(await ask(this.#stub, caller, toCall(operation, known)))
    this.#apply([{ operation, known, seen }])
  }

  /** Holds the steps to the model, one after another. */
  #apply(steps: readonly Step[]): void {
    for (const step of steps) {
      const { model, seen } = inModel(this.model, step.operation, step)
      expect(step.seen, JSON.stringify(step)).toEqual(seen)
      this.model = model
      this.known = learn(this.known, step)
    }
  }

  async #eventsOf(commit: number | undefined): Promise<readonly Readonly<Record<string, JsonValue>>[]> {
    if (commit === undefined) return []
    const answer = await askRead(this.#stub, caller, { read: 'commit', id: String(commit) })
    if (!answer.ok) throw new Error(answer.error.message)
    return (JSON.parse(answer.body) as { events: Readonly<Record<string, JsonValue>>[] }).events
  }

  /** Everything that the tenant holds, as the model knows it. */
  async stored(): Promise<readonly SeenEntity[]> {
    const all: SeenEntity[] = []
    for (const noun of ['Contact', 'Organization']) {
      for (let cursor: string | undefined = ''; cursor !== undefined;) {
        const parameters = { sort: '$id', limit: '100', ...(cursor === '' ? {} : { cursor }) }
        const answer: Answer = await askRead(this.#stub, caller, { read: 'find', noun, parameters })
        if (!answer.ok) throw new Error(answer.error.message)
        const page = JSON.parse(answer.body) as { results: SeenEntity[]; cursor: string | null; hasMore: boolean }
        all.push(...page.results.map(seenOf))
        cursor = page.hasMore && page.cursor !== null ? page.cursor : undefined
      }
    }
    return all.toSorted((a, b) => compareText(String(a['$id']), String(b['$id'])))
  }
}

function isWrite({ op }: Operation): boolean {
  return op === 'create' || op === 'update' || op === 'remove'
}

function learn(known: Known, { operation, seen }: Pick<Step, 'operation' | 'seen'>): Known {
  if (operation.op !== 'create' || typeof seen !== 'object' || seen === null || !('$id' in seen)) return known
  const id = String(seen['$id'])
  if (operation.noun === 'Organization') return { ...known, organizations: [...known.organizations, id] }
  return { ...known, contacts: [...known.contacts, id] }
}

/** An event without its id, which is new in each rehearsal. */
function asPredicted(event: Readonly<Record<string, JsonValue>>): object {
  return { ...event, id: null }
}

/** An event of a plan, ids included, without its place in the log, which others may have moved. */
function withoutPlace(event: Readonly<Record<string, JsonValue>>): JsonValue {
  const text = JSON.stringify({ ...event, seq: null, commit: null })
  return JSON.parse(text.replaceAll(/"\d{4}-[\d-]+T[\d:.]+Z"/g, '"time"')) as JsonValue
}

test(
  `${rounds * programsPerRound} generated programs do what the model does (seed ${seed})`,
  { timeout: 3_600_000 },
  async () => {
    let [committed, failed, conflicts, executed] = [0, 0, 0, 0]
    for (let round = 0; round < rounds; round++) {
      const generator = new Generator(round)
      const world = new World(generator)
      for (let at = 0; at < 12; at++) await world.writeAlone()
      for (let at = 0; at < programsPerRound; at++) {
        const plan = generator.plan()
        if (await world.run(plan)) committed++
        else {
          failed++
          // It has left nothing; what others wrote meanwhile is in the model.
          expect(await world.stored()).toEqual(world.model.entities)
        }
      }
      conflicts += world.conflicts
      executed += world.executed
      expect(await world.stored()).toEqual(world.model.entities)
    }
    expect(Math.min(committed, failed)).toBeGreaterThan(0)
    // A run of 60 programs may be too short for a conflict or an executed plan.
    if (rounds > 3) expect(Math.min(conflicts, executed)).toBeGreaterThan(0)
  },
)
