// The metrics that a tenant has: the built-in ones, and its own, which are entities of Nouns with that role. One with a definition
// is computed, and another has the value that was recorded last.

import {
  type Entity,
  type Filter,
  type MetricDefinition,
  nearestName,
  type NounSchema,
  ObjectError,
  parseMetric,
} from 'digital-objects'
import { Reader } from '../entities/reader.ts'
import { builtInMetrics, metricAliases } from './built-in-metrics.ts'
import { isWatched } from './crossing.ts'
import type { MetricParts } from './metric-engine.ts'

const builtIn = new Map(builtInMetrics.map((definition) => [definition.name, definition]))
const ownMax = 200

export class MetricCatalog {
  readonly #parts: MetricParts & { readonly context: string; readonly tenant: string; readonly seq: number | undefined }
  #own: ReadonlyMap<string, Entity> | undefined

  constructor(
    parts: MetricParts & { readonly context: string; readonly tenant: string; readonly seq: number | undefined },
  ) {
    this.#parts = parts
  }

  /** Throws an ObjectError if the definition is wrong. */
  readonly find = (name: string): MetricDefinition | undefined => {
    const known = Object.hasOwn(metricAliases, name) ? metricAliases[name] : name
    const found = builtIn.get(known ?? name)
    if (found !== undefined) return found
    const entity = this.#owned.get(name)
    return entity === undefined ? undefined : definitionOf(entity)
  }

  /** The names of the tenant's own metrics. */
  get ownNames(): readonly string[] {
    return [...this.#owned.keys()]
  }

  /** The tenant's own entities with limits, with their Nouns. */
  get watched(): readonly { readonly noun: NounSchema; readonly entity: Entity }[] {
    return [...this.#owned.values()].filter(isWatched).flatMap((entity) => {
      const noun = this.#parts.lookup(entity.$type)
      return noun === undefined ? [] : [{ noun, entity }]
    })
  }

  /** Of several metrics with one name, the newest. */
  get #owned(): ReadonlyMap<string, Entity> {
    this.#own ??= new Map(
      this.#entities()
        .toReversed()
        .map((entity) => [String(entity['name']), entity] as const),
    )
    return this.#own
  }

  #entities(): readonly Entity[] {
    return this.#parts
      .schemas()
      .filter(({ role }) => role === 'metric')
      .flatMap((noun) => this.#entitiesOf(noun))
  }

  #entitiesOf(noun: NounSchema): readonly Entity[] {
    const { context, tenant, seq, ...parts } = this.#parts
    const reader = new Reader({ ...parts, context, ...(seq === undefined ? {} : { seq }) })
    const filter: Filter = { kind: 'and', of: [] }
    const request = {
      noun,
      filter,
      sort: undefined,
      limit: ownMax,
      cursor: undefined,
      isCounted: false,
      asOfMs: undefined,
    }
    const shape = { includes: [], fields: undefined }
    return reader.page({ ...request, shape }, tenant).versions.map((version) => reader.toEntity(noun, version))
  }
}

function definitionOf(entity: Entity): MetricDefinition {
  const { name, definition, unit } = entity
  if (definition !== undefined && definition !== null) return parseMetric(String(name), definition)
  const isMoney = typeof unit === 'string' && /^[A-Z]{3}$/.test(unit)
  return {
    kind: 'level',
    name: String(name),
    label: String(name),
    unit: isMoney ? 'money' : 'number',
    from: entity.$type,
    filter: { name: String(name) },
    as: 'sum',
    value: 'value',
  }
}

export function unknownMetric(name: string, ownNames: readonly string[]): ObjectError {
  const nearest = nearestName(name, [...builtIn.keys(), ...ownNames])
  const hint = nearest === undefined ? 'GET /metrics lists them' : `did you mean '${nearest}'?`
  return new ObjectError({
    code: 'not_found',
    field: 'id',
    message: `there is no metric '${name.slice(0, 64)}'; ${hint}`,
  })
}
