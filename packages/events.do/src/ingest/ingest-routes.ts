// `POST /ingest`: events of visitors of web pages, in batches. A page has a public key, so whatever comes is that of strangers; each
// event has an id of its sender, by which it counts once.

import { ask, type ServiceAnswer, type ServiceRequest, type ServiceRoute } from '@dotdo/service'
import { isPlainObject, type JsonValue, ObjectError, tryParseJson } from 'digital-objects'
import { toEvent } from './ingested-event.ts'

const bodyBytesMax = 256 * 2 ** 10
const eventsMax = 100
/** Programs that say of themselves that nobody looks at their pages. */
const robots = /bot\b|crawl|spider|slurp|headless|lighthouse|prerender|facebookexternalhit/i

export const ingestRoutes: readonly ServiceRoute[] = [
  {
    path: '/ingest',
    method: 'POST',
    about:
      'Records up to 100 events of web pages: `{"events":[{"id":…,"type":…}]}`, with a public key as the parameter `key`. An id counts once.',
    document: {
      parameters: { key: { about: 'Public key of the tenant' } },
      body: {
        isRequired: true,
        schema: {
          type: 'object',
          required: ['events'],
          properties: {
            events: {
              type: 'array',
              maxItems: eventsMax,
              description: 'The events; each has an id, by which it counts once, and a type.',
              items: {
                type: 'object',
                required: ['id', 'type'],
                properties: { id: { type: 'string' }, type: { type: 'string' } },
              },
            },
          },
        },
      },
      answer: { about: 'The number of accepted events, and those that were refused' },
    },
    takesPublicKey: true,
    answer: ingest,
  },
]

/** The events are durable when it answers. One that is refused does not keep the others out. */
async function ingest(request: ServiceRequest): Promise<ServiceAnswer> {
  const given = eventsOf(new TextDecoder().decode(await request.rawBody(bodyBytesMax)))
  if (robots.test(request.header('user-agent') ?? '')) return accepted({ accepted: 0, refused: [] })
  const refused: JsonValue[] = []
  const events = given.flatMap((one, index) => {
    const event = toEvent(one)
    if (typeof event === 'string') refused.push({ index, message: event })
    return typeof event === 'string' ? [] : [{ index, ...event }]
  })
  if (events.length === 0) return accepted({ accepted: 0, refused })
  await request.command('ingest.take', { events: events.length })
  const { body, bookmark } = await ask(request, {
    kind: 'write',
    noun: 'Event',
    verb: 'createMany',
    body: JSON.stringify({
      entities: events.map(({ fields }) => fields),
      keys: events.map(({ id }) => `ingest-${id}`),
      atomic: false,
    }),
  })
  const refusals = isPlainObject(body) && Array.isArray(body['refusals']) ? body['refusals'].filter(isPlainObject) : []
  for (const { field, problem } of refusals) {
    const at = Number(/\[(\d+)\]/.exec(String(field))?.[1])
    const message = isPlainObject(problem) ? String(problem['detail']) : 'refused'
    refused.push({ index: events[at]?.index ?? at, message })
  }
  return accepted({ accepted: events.length - refusals.length, refused }, bookmark)
}

function accepted(
  body: { readonly accepted: number; readonly refused: readonly JsonValue[] },
  bookmark?: string,
): ServiceAnswer {
  return {
    ok: true,
    isUnfinished: true,
    body: JSON.stringify(body),
    ...(bookmark === undefined ? {} : { bookmark }),
  }
}

function eventsOf(text: string): readonly unknown[] {
  const body = tryParseJson(text)
  const events = isPlainObject(body) ? body['events'] : undefined
  if (Array.isArray(events) && events.length > 0 && events.length <= eventsMax) return events
  const message = `events expects a list of 1 to ${eventsMax} events`
  throw new ObjectError({ code: 'validation_error', message, faults: [{ field: 'events', message }] })
}
