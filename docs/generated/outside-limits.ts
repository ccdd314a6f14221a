// The limits of events and files that come in, and of events that go out.

import { type Limit, limit } from './limit-table.ts'

const refused = (code: string): string => `refused with \`${code}\``

const events = 'packages/events.do/src'
const files = 'packages/database.do/src/files'

export const outside: readonly Limit[] = [
  limit(
    'webhooks of a tenant',
    [`${events}/webhooks/stored-webhooks.ts`, 'webhooksMax'],
    '',
    refused('validation_error'),
  ),
  limit(
    'the answer of a receiver',
    [`${events}/webhooks/deliver.ts`, 'answerMsMax'],
    'ms',
    'the delivery has failed, and is tried again',
  ),
  limit('events of a replay', [`${events}/webhooks/check-webhook.ts`, 'replayedMax'], '', refused('validation_error')),
  limit(
    'deliveries in the log of a webhook',
    [`${events}/webhooks/delivery-log.ts`, 'keptMax'],
    '',
    'the oldest are dropped',
  ),
  limit(
    'incoming webhooks of a tenant',
    [`${events}/incoming/incoming-hooks.ts`, 'webhooksMax'],
    '',
    refused('validation_error'),
  ),
  limit(
    'a delivery of another system',
    [`${events}/incoming/incoming-routes.ts`, 'bodyBytesMax'],
    'bytes',
    refused('payload_too_large'),
  ),
  limit(
    'its timestamp before or after now',
    [`${events}/incoming/verify-signed.ts`, 'toleranceMs'],
    'ms',
    refused('unauthorized'),
  ),
  limit(
    'a batch of events of web pages',
    [`${events}/ingest/ingest-routes.ts`, 'bodyBytesMax'],
    'bytes',
    refused('payload_too_large'),
  ),
  limit('its events', [`${events}/ingest/ingest-routes.ts`, 'eventsMax'], '', refused('validation_error')),
  limit(
    'the properties of one of them',
    [`${events}/ingest/ingested-event.ts`, 'propertiesCharactersMax'],
    'characters',
    'the event is refused, and the others are taken',
  ),
  limit('unfinished uploads of a tenant', [`${files}/file-limits.ts`, 'uploadsMax'], '', refused('payload_too_large')),
  limit('pieces of an upload', [`${files}/stored-file.ts`, 'partsMax'], '', refused('payload_too_large')),
  limit(
    'the life of a link to a file',
    [`${files}/file-limits.ts`, 'linkSecondsMax'],
    's',
    refused('validation_error'),
  ),
  limit(
    'entities of a tenant whose texts are searched by meaning',
    ['packages/@dotdo/do/src/state/vector-index.ts', 'vectorsMax'],
    '',
    'further ones get no vector',
  ),
  limit(
    'a text that is searched by meaning',
    ['packages/@dotdo/do/src/state/vector-index.ts', 'vectorTextCharactersMax'],
    'characters',
    'the rest is not searched',
  ),
  limit(
    'the query of a search by meaning',
    ['packages/agents.do/src/semantic/semantic-routes.ts', 'queryCharactersMax'],
    'characters',
    refused('invalid_parameter'),
  ),
]
