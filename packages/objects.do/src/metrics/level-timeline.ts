// A level at many times: what each entity contributes at each of them, in one pass over the versions of its Noun.

import { compileRegex, entityBefore, type EntityTimeline, type Timelines } from '@dotdo/do'
import {
  type CompiledMetric,
  type Entity,
  type EntityReading,
  entityReading,
  type Filter,
  type FilterPath,
  type MatchContext,
  matches,
  ObjectError,
  pathsOfExpression,
  referredIds,
  type Visibility,
} from 'digital-objects'

export interface LevelTimelineOptions {
  readonly metric: CompiledMetric
  readonly visibility: Pick<Visibility, 'rows'>
  /** Returns the versions of a Noun, with these fields. */
  readonly timelines: (noun: string, fields: ReadonlySet<string>) => Timelines
}

const dayMs = 86_400_000

/** Takes an entity that counts in the same way at the times from `from` to `to`, which is exclusive. */
export type Contribute = (
  times: { readonly from: number; readonly to: number },
  entity: { readonly id: string; readonly reading: EntityReading },
) => void

/**
 * Returns a function that calls back with each of the entities that counts just before some of the times, which are in order.
 * The entities are those of the metric's Noun; those that they refer to are read whole.
 */
export function contributionsOf(
  options: LevelTimelineOptions,
  timesMs: readonly number[],
): (entities: Timelines, found: Contribute) => void {
  const { timelines } = options
  const { fields, reached } = fieldsOf(options)
  const related = [...fields].filter(([noun]) => reached.has(noun))
  const lines = new Map(related.map(([noun, names]) => [noun, timelines(noun, names)]))
  const reader = new EntityAtTime(options, lines)
  return (entities, found) => {
    for (const [id, line] of entities)
      for (let from = 0; from < timesMs.length;) {
        const { reading, untilMs } = reader.read(line, timesMs[from] ?? 0)
        // Until then nothing that it depends on changes.
        let to = from + 1
        while (to < timesMs.length && (timesMs[to] ?? 0) <= untilMs) to++
        if (reading !== undefined) found({ from, to }, { id, reading })
        from = to
      }
  }
}

/** The fields that the metric reads of its own Noun, and those of the Nouns to which its references lead. */
export function fieldsToRead(options: Pick<LevelTimelineOptions, 'metric' | 'visibility'>): {
  readonly own: ReadonlySet<string>
  readonly related: ReadonlyMap<string, ReadonlySet<string>>
  /** A relation to many entities, which a timeline does not follow. */
  readonly many: string | undefined
} {
  const { fields, reached, many } = fieldsOf(options)
  const related = new Map([...fields].filter(([noun]) => reached.has(noun)))
  return { own: fields.get(options.metric.schema.name) ?? new Set(), related, many }
}

class EntityAtTime {
  readonly #options: LevelTimelineOptions
  readonly #lines: ReadonlyMap<string, Timelines>
  readonly #readingOf: ReturnType<typeof entityReading>
  /** The part of the filter that does not depend on the time. */
  readonly #static: Filter
  /** The time that is read, and that of the next change of an entity that was read. */
  #timeMs = 0
  #untilMs = 0

  constructor(options: LevelTimelineOptions, lines: ReadonlyMap<string, Timelines>) {
    this.#options = options
    this.#lines = lines
    this.#readingOf = entityReading(options.metric.aggregate)
    this.#static = staticPart(options.metric)
  }

  read(
    line: EntityTimeline,
    timeMs: number,
  ): { readonly reading: EntityReading | undefined; readonly untilMs: number } {
    const { metric, visibility } = this.#options
    this.#timeMs = timeMs
    this.#untilMs = Infinity
    const entity = this.#at(line)
    const rule = visibility.rows(metric.schema.name)
    const mayCount =
      entity !== undefined &&
      matches(this.#static, entity, this.#context(true)) &&
      (rule === undefined || matches(rule, entity, this.#context(false)))
    if (!mayCount) return { reading: undefined, untilMs: this.#untilMs }
    const isCounted = !metric.usesNow || matches(this.#filterAt(timeMs), entity, this.#context(true))
    const reading = isCounted ? this.#readingOf(entity, this.#context(true).related) : undefined
    return { reading, untilMs: metric.usesNow ? timeMs : this.#untilMs }
  }

  #filters = new Map<number, Filter>()

  #filterAt(timeMs: number): Filter {
    const known = this.#filters.get(timeMs) ?? this.#options.metric.filterAt(timeMs)
    this.#filters.set(timeMs, known)
    return known
  }

  #at(line: EntityTimeline): Entity | undefined {
    const { entity, untilMs } = entityBefore(line, this.#timeMs)
    this.#untilMs = Math.min(this.#untilMs, untilMs)
    return entity
  }

  /** A rule follows its references through all entities, and a metric through visible ones. */
  #context(isVisibleOnly: boolean): MatchContext {
    const related: MatchContext['related'] = (from, { field, to }) =>
      referredIds(from[field.name]).flatMap((id) => {
        const line = this.#lines.get(to)?.get(id)
        const entity = line === undefined ? undefined : this.#at(line)
        if (entity === undefined) return []
        const rule = isVisibleOnly ? this.#options.visibility.rows(to) : undefined
        return rule === undefined || matches(rule, entity, this.#context(false)) ? [entity] : []
      })
    return { related, regex: compileRegex, searchable: this.#options.metric.schema.searchable }
  }
}

/** Returns the conditions that are the same at all times; an entity that does not meet them cannot count. */
function staticPart({ usesNow, filterAt }: CompiledMetric): Filter {
  const whole = filterAt(0)
  if (!usesNow) return whole
  const later = filterAt(dayMs)
  if (whole.kind !== 'and' || later.kind !== 'and') return { kind: 'and', of: [] }
  return { kind: 'and', of: whole.of.filter((part, at) => JSON.stringify(part) === JSON.stringify(later.of[at])) }
}

/** The fields that a metric reads, by Noun, its rules included. */
function fieldsOf({ metric, visibility }: Pick<LevelTimelineOptions, 'metric' | 'visibility'>): {
  readonly fields: ReadonlyMap<string, ReadonlySet<string>>
  /** The Nouns to which a relation leads. */
  readonly reached: ReadonlySet<string>
  /** A relation to many entities, which a timeline does not follow. */
  readonly many: string | undefined
} {
  let many: string | undefined
  const fields = new Map<string, Set<string>>()
  const reached = new Set<string>()
  const reach = (noun: string): Set<string> => {
    const known = fields.get(noun)
    if (known !== undefined) return known
    const made = new Set<string>()
    fields.set(noun, made)
    const rule = visibility.rows(noun)
    if (rule !== undefined) addFilter(noun, rule)
    return made
  }
  const addPath = (noun: string, { steps, field }: FilterPath): void => {
    let at = noun
    for (const step of steps) {
      if (step.field.kind === 'reverse') {
        many ??= step.field.name
        reach(step.to).add(step.field.by)
      } else reach(at).add(step.field.name)
      at = step.to
      reached.add(at)
    }
    reach(at).add(field)
  }
  const addFilter = (noun: string, filter: Filter): void => {
    if (filter.kind === 'and' || filter.kind === 'or') for (const part of filter.of) addFilter(noun, part)
    else if (filter.kind === 'not') addFilter(noun, filter.of)
    else if (filter.kind === 'text') for (const name of metric.schema.searchable) reach(noun).add(name)
    else {
      addPath(noun, filter.path)
      if (filter.kind === 'compareFields') addPath(noun, filter.other)
    }
  }
  const { by, measures } = metric.aggregate
  const noun = metric.schema.name
  reach(noun)
  addFilter(noun, metric.filterAt(0))
  for (const { paths } of [...by, ...measures.flatMap(({ value }) => pathsOfExpression(value))])
    for (const path of paths) addPath(noun, path)
  return { fields, reached, many }
}

export function acrossMany(relation: string): ObjectError {
  return new ObjectError({
    code: 'invalid_definition',
    field: 'filter',
    message: `a series follows references to one entity, and '${relation}' leads to many`,
  })
}
