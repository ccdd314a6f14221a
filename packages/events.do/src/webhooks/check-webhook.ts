// Checks a webhook when it is created or changed, and records who set it up: its events are read with that actor's rights.

import type { BeforeHook, ObjectParts } from '@dotdo/service'
import {
  type EntityFields,
  isSameJson,
  type JsonValue,
  ObjectError,
  parseEventPattern,
  requireKnownTypes,
} from 'digital-objects'
import { addressFault } from './outlet.ts'
import { isSecretName } from './secret-name.ts'
import { webhooksMax } from './stored-webhooks.ts'
import { parseWebhookFilter } from './webhook-filter.ts'

const replayedMax = 10_000

export function checkWebhook(parts: ObjectParts): BeforeHook {
  return {
    id: 'events.do/check',
    applies: (noun, verb) => noun === 'Webhook' && verb !== 'delete',
    run: (fields, { verb, actor, previous }) => {
      if (verb === 'replay') checkReplay(fields)
      if (verb === 'create') checkRoom(parts)
      checkSecretNames(fields, previous)
      // Verbs take fields too, and a webhook whose patterns nobody understands any more can still be disabled.
      const isSetUp = ['create', 'update'].includes(verb) || setting.some((name) => !isSame(fields, previous, name))
      if (!isSetUp) return undefined
      const { url, events, filter } = fields
      checkUrl(url)
      checkEvents(events, parts)
      if (filter !== undefined) checkFilter(filter, events, parts)
      return { ...fields, owner: actor }
    },
  }
}

const setting = ['url', 'events', 'filter', 'kind', 'owner']

function isSame(fields: EntityFields, previous: EntityFields | undefined, name: string): boolean {
  return isSameJson(fields[name] ?? null, previous?.[name] ?? null)
}

/** A rotation removes the secret of an old name, which must be no other secret of the tenant. */
function checkSecretNames(fields: EntityFields, previous: EntityFields | undefined): void {
  for (const name of ['secretName', 'oldSecretName']) {
    const value = fields[name]
    if (value === undefined || isSame(fields, previous, name)) continue
    if (!isSecretName(value)) throw invalid(name, 'expects a name that POST /webhooks/{id}/secret makes')
  }
}

function checkRoom(parts: ObjectParts): void {
  const count = ['Active', 'Failing', 'Disabled']
    .map((value) => parts.idsWith('Webhook', { field: 'status', value, limit: webhooksMax }).length)
    .reduce((sum, one) => sum + one, 0)
  if (count >= webhooksMax) throw invalid('url', `a tenant has at most ${webhooksMax} webhooks: delete one first`)
}

function checkUrl(url: JsonValue | undefined): void {
  const fault = typeof url === 'string' && URL.canParse(url) ? addressFault(new URL(url)) : 'expects a URL'
  if (fault !== undefined) throw invalid('url', fault)
}

function checkEvents(events: JsonValue | undefined, parts: ObjectParts): void {
  if (!Array.isArray(events) || events.length === 0)
    throw invalid('events', 'expects a list of patterns such as Deal.*, or * for all events')
  try {
    for (const pattern of events) parseEventPattern(String(pattern))
    const pattern = parseEventPattern(events.join(','))
    requireKnownTypes(
      pattern,
      parts.nouns().map(({ name }) => name),
    )
  } catch (error) {
    if (error instanceof ObjectError) throw invalid('events', error.message.replace(/^type /, ''))
    throw error
  }
}

function checkFilter(filter: JsonValue, events: JsonValue | undefined, parts: ObjectParts): void {
  const nouns = new Set(Array.isArray(events) ? events.map((pattern) => String(pattern).split('.')[0]) : [])
  const [noun = ''] = nouns
  const schema =
    nouns.size === 1 ? parts.nouns().find(({ name }) => name.toLowerCase() === noun.toLowerCase()) : undefined
  if (schema === undefined) throw invalid('filter', 'expects patterns of one entity type, such as Deal.*, beside it')
  parseWebhookFilter(filter, schema, parts.lookup)
}

function checkReplay(fields: EntityFields): void {
  const { replayFrom, replayThrough } = fields
  if (typeof replayFrom !== 'number' || replayFrom < 1) throw invalid('replayFrom', 'expects a seq, from 1')
  if (typeof replayThrough !== 'number' || replayThrough < replayFrom || replayThrough - replayFrom >= replayedMax)
    throw invalid('replayThrough', `expects a seq from replayFrom on, at most ${replayedMax} events in all`)
}

function invalid(field: string, message: string): ObjectError {
  return new ObjectError({
    code: 'validation_error',
    message: `Webhook.${field}: ${message}`,
    faults: [{ field, message }],
  })
}
