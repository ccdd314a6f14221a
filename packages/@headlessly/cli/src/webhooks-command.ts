// `webhooks`: lists addresses to which events are sent, sets them up, and shows and repeats deliveries.

import type { WebhookInput } from '@headlessly/sdk'
import type { Command, CommandCall } from './command.ts'
import { type Flag, jsonObject, oneOf, wholeNumber } from './flag.ts'
import { readText } from './read-text.ts'
import type { Row } from './row.ts'
import { UsageError } from './usage-error.ts'

const seqMax = 999_999_999_999_999
const kinds = ['Standard', 'Slack', 'Kafka', 'S3'] as const

const value = (name: string, placeholder: string, about: string): Flag => ({ name, kind: 'value', placeholder, about })

type Action = (call: CommandCall, of: string) => Promise<number>

/** Each takes an address or an id. */
const actions: Readonly<Record<string, Action>> = {
  create,
  rotate,
  deliveries,
  replay,
  redeliver,
  disable: (call, id) => change(call, id, 'disable'),
  enable: (call, id) => change(call, id, 'enable'),
  remove: (call, id) => change(call, id, 'remove'),
}

export const webhooksCommand: Command = {
  name: 'webhooks',
  words: ['[create|rotate|deliveries|replay|redeliver|disable|enable|remove]', '[url or id]'],
  about: 'list webhooks, set one up, change its secret, show its deliveries, send events again, or stop it',
  example: "webhooks create https://example.com/hook --events 'Deal.*,Contact.Created'",
  flags: [
    value('events', '<patterns>', 'create: event types, separated by commas, such as Deal.*; default *'),
    value('name', '<text>', 'create: a name for people'),
    {
      ...value('filter', '<json>', 'create: a filter that the entity after the event has to match'),
      parse: jsonObject,
    },
    { ...value('kind', '<kind>', `create: ${kinds.join(', ')}; default Standard`), parse: oneOf(kinds) },
    value(
      'secret',
      '<file>',
      "create: the file, or - for the standard input, with the secret, or with the bucket's key as id:secret",
    ),
    { ...value('from', '<seq>', 'replay: the first event'), parse: wholeNumber(1, seqMax) },
    { ...value('through', '<seq>', 'replay: the last event'), parse: wholeNumber(1, seqMax) },
    value('event', '<id>', 'redeliver: the event that is sent again'),
  ],
  async run(call) {
    const [action, of] = call.words
    if (action === undefined) return list(call)
    const perform = Object.hasOwn(actions, action) ? actions[action] : undefined
    if (perform === undefined)
      throw new UsageError(`webhooks expects one of ${Object.keys(actions).join(', ')}, got '${action}'`, 'webhooks')
    if (of === undefined)
      throw new UsageError(`webhooks ${action} expects ${action === 'create' ? '<url>' : '<id>'}`, 'webhooks')
    return perform(call, of)
  },
}

async function list({ client, output, signal }: CommandCall): Promise<number> {
  const found = await client().webhooks.list({ signal })
  output.rows(
    found.map(({ $id, name, url, events, kind, status, reason }): Row => ({
      $id,
      name,
      url,
      events: events.join(','),
      kind,
      status,
      reason,
    })),
    ['$id', 'name', 'url', 'events', 'kind', 'status', 'reason'],
  )
  return 0
}

async function create({ client, output, flags, signal }: CommandCall, url: string): Promise<number> {
  const [name, filter] = [flags.text('name'), flags.object('filter')]
  const kind = kinds.find((one) => one === flags.text('kind'))
  const file = flags.text('secret')
  const input: WebhookInput = {
    url,
    events: (flags.text('events') ?? '*').split(',').map((pattern) => pattern.trim()),
    ...(name === undefined ? {} : { name }),
    ...(filter === undefined ? {} : { filter }),
    ...(kind === undefined ? {} : { kind }),
    // A file ends in a line break, which is not a part of its secret.
    ...(file === undefined ? {} : { secret: readText(file, 'webhooks').replace(/\r?\n$/, '') }),
  }
  const { secret: made, ...webhook } = await client().webhooks.create(input, { signal })
  // A secret that the caller brought is not shown again.
  if (output.isJson) output.json(file === undefined ? { ...webhook, secret: made } : webhook)
  else output.line(file === undefined ? `${webhook.$id} ${made}` : webhook.$id)
  if (file === undefined) output.note('nothing else shows the secret')
  return 0
}

async function rotate({ client, output, signal }: CommandCall, id: string): Promise<number> {
  const { secret } = await client().webhooks.rotate(id, { signal })
  if (output.isJson) output.json({ $id: id, secret })
  else output.line(secret)
  output.note('nothing else shows the secret; for a day, deliveries have the signatures of both')
  return 0
}

async function deliveries({ client, output, signal }: CommandCall, id: string): Promise<number> {
  const found = await client().webhooks.deliveries(id, { signal })
  output.rows(
    found.map((one): Row => ({ ...one })),
    ['timestamp', 'event', 'type', 'status', 'responseStatus', 'durationMs', 'error'],
  )
  return 0
}

async function replay({ client, output, flags, signal }: CommandCall, id: string): Promise<number> {
  const [from, through] = [flags.number('from'), flags.number('through')]
  if (from === undefined || through === undefined)
    throw new UsageError('webhooks replay expects --from <seq> and --through <seq>', 'webhooks')
  await client().webhooks.replay(id, { from, through }, { signal })
  output.line(`events ${from} to ${through} are sent again to ${id}`)
  return 0
}

async function redeliver({ client, output, flags, signal }: CommandCall, id: string): Promise<number> {
  const event = flags.text('event')
  if (event === undefined) throw new UsageError('webhooks redeliver expects --event <id>', 'webhooks')
  await client().webhooks.redeliver(id, event, { signal })
  output.line(`${event} is sent again to ${id}`)
  return 0
}

const done = { disable: 'disabled', enable: 'enabled', remove: 'removed' } as const

async function change({ client, output, signal }: CommandCall, id: string, verb: keyof typeof done): Promise<number> {
  await client().webhooks[verb](id, { signal })
  output.line(`${done[verb]} ${id}`)
  return 0
}
