// `overview`: shows the tenant at a glance, as its page at `/~acme` does.

import type { LogRow } from '@dotdo/do'
import { describeSchema, type EntityFields, type EventOverview, type Overview } from 'digital-objects'
import type { Caller } from '../answers/caller.ts'
import { Reader } from '../entities/reader.ts'
import { jsonResponse, ref } from '../openapi/components.ts'
import { readHeaders } from '../openapi/parameters.ts'
import { eventVisibilityOf, visibleChoice } from './event-page.ts'
import { defineRead, type ReadParts } from './read.ts'
import { surfacedNouns } from './surfaced-nouns.ts'

const latestMax = 10
/** Limits the events that are examined for a caller that may not see all of them. */
const examinedMax = 100
/** Fields of entities by which people know them; the first that an entity has is its name. */
const nameFields = ['name', 'title', 'subject'] as const
const nameCharactersMax = 80
/** Larger entities are not parsed for their names. */
const parsedCharactersMax = 65_536

export const overview = defineRead({
  name: 'overview',
  about: 'Show the tenant at a glance: entity types with counts, the newest events, and where to go on',
  path: '/',
  listedAs: { tag: 'status', operationId: 'overview.get' },
  parameters: {},
  headers: readHeaders,
  responses: () => ({ 200: jsonResponse('The overview', ref('Overview')) }),

  parse: () => ({}),

  answer(parts, { caller }) {
    const { tenant, context } = caller
    const { events, state, isReady } = parts.store
    parts.recorder?.log()
    const reader = new Reader({ ...parts, context })
    const stored = new Set(state.nounsWithTables())
    const nouns = surfacedNouns(parts, caller)
    const overview: Overview = {
      $type: 'Overview',
      tenant,
      context,
      began: events.head === 0 ? null : timestampOf(events.timestampOf(1) ?? events.headAtMs),
      events: events.head,
      entities: nouns.map((schema) => {
        const { name, about } = describeSchema(schema)
        const count = stored.has(name) ? reader.countAll(schema) : 0
        const label = labelOf(caller, name)
        return {
          name,
          ...(label === undefined ? {} : { label }),
          ...(about === undefined ? {} : { about }),
          count,
          url: `${context}/${name}`,
        }
      }),
      latest: isReady ? latestEvents(parts, context) : [],
      links: {
        schema: `${context}/schema`,
        openapi: `${context}/openapi`,
        events: `${context}/events`,
        status: `${context}/status`,
        lake: `${context}/lake`,
        llms: `${context}/llms.txt`,
      },
    }
    return { body: JSON.stringify(overview), source: 'object' }
  },
})

function labelOf({ lens }: Caller, noun: string): string | undefined {
  return lens !== undefined && Object.hasOwn(lens.labels, noun) ? lens.labels[noun] : undefined
}

function latestEvents(parts: ReadParts, context: string): readonly EventOverview[] {
  const { events: log } = parts.store
  const choice = visibleChoice(parts)
  const count = Math.min(choice === undefined ? latestMax : examinedMax, log.head)
  const seqs = Array.from({ length: count }, (_, at) => log.head - count + 1 + at)
  const visible = choice === undefined ? seqs : log.matching(seqs, choice)
  const nouns = new Set(parts.schemas().map(({ name }) => name))
  const visibility = eventVisibilityOf(parts)
  return (
    visible
      .slice(-latestMax)
      // Read alone, since events may be large and a page of them would be cut.
      .flatMap((seq) => log.read({ after: seq - 1, through: seq, limit: 1, isHeadOnly: true }).rows)
      .map((row) => toOverview(row.data === '' ? row : visibility.shown(row), { context, nouns }))
      .toReversed()
  )
}

function toOverview(
  { id, seq, type, target, version, atMs, actor, data }: LogRow,
  { context, nouns }: { readonly context: string; readonly nouns: ReadonlySet<string> },
): EventOverview {
  const noun = type.slice(0, type.indexOf('.'))
  // A definition has no address by its id.
  const url = nouns.has(noun) ? `${context}/${noun}/${target}` : `${context}/events/${id}`
  const name = nameOf(data)
  const named = name === undefined ? {} : { name }
  return { id, seq, type, target, ...named, version, timestamp: timestampOf(atMs), actor, url }
}

/** `data` is empty for an event whose texts are in the lake. */
function nameOf(data: string): string | undefined {
  if (data === '' || data.length > parsedCharactersMax) return undefined
  const entity = JSON.parse(data) as EntityFields // written by the log
  const name = nameFields.map((field) => entity[field]).find((value) => typeof value === 'string')
  return typeof name === 'string' ? [...name].slice(0, nameCharactersMax).join('') : undefined
}

function timestampOf(atMs: number): string {
  return new Date(atMs).toISOString()
}
