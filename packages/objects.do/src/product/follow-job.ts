// The job by which entities follow metrics: a metric with limits crosses them once, and a goal has the value of its metric. The
// state of each entity says what was done, and the write lane refuses a second time, so a crash repeats nothing.

import type { AppendedEvent, Change, Job, ReadRun, RetryRule, TenantStore, Written } from '@dotdo/do'
import {
  compileAuthority,
  decideChange,
  type Entity,
  fullAuthority,
  type JsonValue,
  type NounSchema,
  ObjectError,
  parseFilter,
  type Verb,
} from 'digital-objects'
import { visibleNouns } from '../entities/visible-nouns.ts'
import { crossingOf, isWatched, sideOf } from '../metrics/crossing.ts'
import { metricAt, metricsAt } from '../metrics/metric-report.ts'
import { analyzeGoal } from './goal.ts'
import { categoryOf, nounOfId, nounsWithRole, type ProductParts, productReader } from './product-parts.ts'

export interface FollowJobOptions {
  readonly store: () => TenantStore
  readonly write: (change: () => Change) => Promise<Written>
}

/** After a change, metrics are computed once others have had time to come. */
const settleMs = 60_000
/** Metrics of periods change without a write. */
const periodMs = 6 * 3_600_000
/** Limits the entities of a Noun that follow metrics. */
const followingMax = 200

export class FollowJob implements Job {
  readonly name = 'metrics'
  readonly clock = 'tenant'
  readonly lane = 'metrics'
  readonly retry: RetryRule = { firstMs: 5_000, factor: 3, maxMs: 3_600_000 }
  readonly #options: FollowJobOptions
  /** Whether an entity follows a metric; undefined until it is looked up. */
  #isNeeded: boolean | undefined
  /** The end of the last round. A restart begins with a round, which changes nothing that is right. */
  #checkedMs: number | undefined
  #changedMs: number | undefined
  /** The entities of the round that is under way. */
  #left: string[] = []

  constructor(options: FollowJobOptions) {
    this.#options = options
  }

  dueMs(nowMs: number): number | undefined {
    if (!this.#needed()) return undefined
    if (this.#left.length > 0 || this.#checkedMs === undefined) return nowMs
    const byTime = this.#checkedMs + periodMs
    return this.#changedMs === undefined ? byTime : Math.min(byTime, this.#changedMs + settleMs)
  }

  eventAppended({ type }: AppendedEvent, nowMs: number): number | undefined {
    const { catalog } = this.#options.store()
    const noun = type.slice(0, type.indexOf('.'))
    const role = catalog.current.lookup(noun)?.role
    if (role === 'metric' || role === 'goal' || noun === 'Schema') this.#isNeeded = undefined
    if (this.#isNeeded === false) return undefined
    this.#changedMs ??= nowMs
    return nowMs + settleMs
  }

  /** Looks at one entity, so that a step is short. */
  async step(nowMs: number): Promise<boolean> {
    if (!this.#needed()) return false
    if (this.#left.length === 0) {
      this.#changedMs = undefined
      this.#left = [...this.#following()]
    }
    const id = this.#left[0]
    if (id !== undefined) await this.#follow(id)
    this.#left.shift()
    if (this.#left.length === 0) this.#checkedMs = nowMs
    return true
  }

  #needed(): boolean {
    const { isReady } = this.#options.store()
    if (!isReady) return false
    this.#isNeeded ??= this.#following().length > 0
    return this.#isNeeded
  }

  #parts(run?: ReadRun): ProductParts {
    const store = this.#options.store()
    const { current } = store.catalog
    const { visibility } = compileAuthority(fullAuthority('system'), current.lookup)
    const { name: tenant = '', context } = store
    return {
      store,
      tenant,
      context,
      asOfMs: undefined,
      ...(run === undefined ? {} : { run }),
      ...visibleNouns(visibility, current),
    }
  }

  /** The ids of metrics with limits, and of open goals. */
  #following(): readonly string[] {
    const parts = this.#parts()
    return [...nounsWithRole(parts, 'metric'), ...nounsWithRole(parts, 'goal')].flatMap((noun) =>
      listOf(parts, noun)
        .filter((entity) => (noun.role === 'metric' ? isWatched(entity) : categoryOf(noun, entity) === 'open'))
        .map(({ $id }) => $id),
    )
  }

  async #follow(id: string): Promise<void> {
    const { store } = this.#options
    const found = await store().reading((run) => this.#changesOf(this.#parts(run), id))
    for (const { noun, verb, input } of found) {
      try {
        await this.#options.write(() => changeOf({ noun, verb, id, input }))
      } catch (error) {
        // Another write has moved the entity in between; the next round sees it as it is then.
        if (!(error instanceof ObjectError) || error.code === 'overloaded' || error.code === 'storage_full') throw error
      }
    }
  }

  /** The calls that bring an entity to where its metric is. */
  #changesOf(parts: ProductParts, id: string): readonly FollowCall[] {
    const { context, tenant } = parts
    const noun = nounOfId(parts, id)
    const reader = productReader(parts)
    const version = noun === undefined ? undefined : reader.get(noun, id)
    if (noun === undefined || version === undefined) return []
    const entity = reader.toEntity(noun, version)
    const metrics = metricsAt({ parts, context, tenant, asOfMs: undefined })
    if (noun.role === 'goal') return goalCalls(noun, entity, analyzeGoal({ ...parts, metrics }, noun, entity))
    const { value } = metricAt(metrics, String(entity['name']))
    const to = value === null ? undefined : crossingOf(entity, { value, side: sideOf(noun, entity) })
    const verb = to === undefined ? undefined : verbTo(noun, entity, to)
    return verb === undefined || value === null
      ? []
      : [{ noun, ...verb, input: { ...verb.input, crossedValue: value } }]
  }
}

interface FollowCall {
  readonly noun: NounSchema
  readonly verb: Verb
  readonly input: Readonly<Record<string, JsonValue>>
}

function goalCalls(
  noun: NounSchema,
  goal: Entity,
  { current, progress, status, isReached }: ReturnType<typeof analyzeGoal>,
): readonly FollowCall[] {
  const found = Object.entries({ current, progress, [noun.state ?? 'status']: status })
  const input = Object.fromEntries(found.flatMap(([name, value]) => (value === null ? [] : [[name, value] as const])))
  const isNew = Object.entries(input).some(([name, value]) => goal[name] !== value)
  const check = Object.values(noun.verbs).find(({ effect }) => effect.analyzes?.includes('progress'))
  const reach = isReached && status !== null ? verbTo(noun, goal, 'won') : undefined
  return [
    ...(isNew && check !== undefined ? [{ noun, verb: check, input }] : []),
    ...(reach === undefined ? [] : [{ noun, ...reach }]),
  ]
}

/** The verb that leads from the state of the entity to one of this category. */
function verbTo(noun: NounSchema, entity: Entity, category: string): Omit<FollowCall, 'noun'> | undefined {
  const { state = '', transitions, categories } = noun
  const field = noun.fields[state]
  // An entity from before the field stands at its default.
  const from = entity[state] ?? (field?.kind === 'enum' ? field.default : undefined)
  const row = transitions.find(
    ({ from: before, to, verb }) =>
      verb !== 'update' && typeof from === 'string' && before.includes(from) && categories[to] === category,
  )
  const verb = row === undefined ? undefined : noun.verbs[row.verb]
  if (row === undefined || verb === undefined) return undefined
  return { verb, input: row.named === true ? { [state]: row.to } : {} }
}

function changeOf(call: FollowCall & { readonly id: string }): Change {
  const { noun: schema, verb, id: target, input } = call
  return {
    schema,
    verb,
    kind: 'change',
    target,
    actor: 'system',
    via: 'job',
    input,
    decide: (context) => decideChange({ ...context, schema, verb, input }),
  }
}

function listOf(parts: ProductParts, noun: NounSchema): readonly Entity[] {
  const fields = noun.role === 'metric' ? limitsOf(noun) : []
  if (noun.role === 'metric' && fields.length === 0) return []
  const filter = noun.role === 'metric' ? { $or: fields.map((name) => ({ [name]: { $exists: true } })) } : openOf(noun)
  const shape = { includes: [], fields: undefined }
  const list = { sort: undefined, limit: followingMax, cursor: undefined, isCounted: false, asOfMs: undefined, shape }
  const reader = productReader(parts)
  const request = { noun, filter: parseFilter(filter, { schema: noun, lookup: parts.lookup }), ...list }
  return reader.page(request, parts.tenant).versions.map((version) => reader.toEntity(noun, version))
}

function limitsOf({ fields }: NounSchema): readonly string[] {
  return ['alertAbove', 'alertBelow'].filter((name) => Object.hasOwn(fields, name))
}

/** Goals without a table of states are all open. */
function openOf({ state, categories }: NounSchema): object {
  const open = Object.keys(categories).filter((value) => categories[value] === 'open')
  return state === undefined ? {} : { [state]: { $in: open } }
}
