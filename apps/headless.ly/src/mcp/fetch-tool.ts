// `fetch`: one entity by its id, or what else can be read of the tenant by a name.

import { isPlainObject } from 'digital-objects'
import { ToolArguments } from './arguments.ts'
import { fittingPage, limitOf } from './fitting-page.ts'
import type { AskTenant } from './tenant-requests.ts'
import { acceptedBody, answerCharactersMax, cutTexts, type ToolAnswer, ToolError } from './tool-answer.ts'
import { typeNamed, typeOfId } from './type-names.ts'

const names = ['id', 'type', 'include', 'fields', 'asOf', 'limit', 'cursor']

export async function fetchOne(ask: AskTenant, given: unknown): Promise<ToolAnswer> {
  const args = new ToolArguments(given, names)
  const type = args.text('type') ?? ''
  const special = Object.hasOwn(specials, type.toLowerCase()) ? specials[type.toLowerCase()] : undefined
  if (special !== undefined) return special(ask, args)
  const id = requireId(args)
  const noun = type === '' ? await typeOfId(ask, id) : await typeNamed(ask, type)
  const { include, fields, asOf } = optionsOf(args)
  return acceptedBody(await ask({ path: [noun, id], parameters: { include, fields, asOf } }))
}

type Special = (ask: AskTenant, args: ToolArguments) => Promise<ToolAnswer>

/** Types that are no entities, in lower case. */
const specials: Readonly<Record<string, Special>> = {
  schema: async (ask, args) => {
    const id = args.text('id')
    if (id === undefined) return { types: Object.keys(acceptedBody(await ask({ path: ['schema'] }))) }
    return shortSchema(acceptedBody(await ask({ path: ['schema', await typeNamed(ask, id)] })))
  },
  status: async (ask) => acceptedBody(await ask({ path: ['status'], parameters: { metrics: 'true' } })),
  metric: async (ask, args) => {
    const id = args.text('id')
    const parameters = { asOf: args.text('asOf') }
    return acceptedBody(await ask({ path: id === undefined ? ['metrics'] : ['metrics', id], parameters }))
  },
  history: async (ask, args) => {
    const id = requireId(args)
    return pageOf(ask, {
      args,
      path: [await typeOfId(ask, id), id, 'history'],
      parameters: { after: args.text('cursor') },
    })
  },
  events: (ask, args) =>
    pageOf(ask, { args, path: ['events'], parameters: { type: args.text('id'), cursor: args.text('cursor') } }),
  approval: async (ask, args) => {
    const id = args.text('id')
    return acceptedBody(await ask({ path: id === undefined ? ['approvals'] : ['approvals', id] }))
  },
  commit: async (ask, args) => acceptedBody(await ask({ path: ['commits', requireId(args)] })),
}

/** A page of events, each of which has its whole entity, so long texts are cut. */
async function pageOf(
  ask: AskTenant,
  {
    args,
    path,
    parameters,
  }: {
    readonly args: ToolArguments
    readonly path: readonly string[]
    readonly parameters: Readonly<Record<string, string | undefined>>
  },
): Promise<ToolAnswer> {
  const page = await fittingPage(limitOf(args), async (limit) => {
    const body = acceptedBody(await ask({ path, parameters: { ...parameters, limit: String(limit) } }))
    return { ...body, results: objects(body['results']).map(cutTexts) }
  })
  if (JSON.stringify(page).length <= answerCharactersMax) return page
  // No page ends inside a commit, so the events of a large one come without their entities.
  return { ...page, results: objects(page.results).map(({ data: _data, changes: _changes, ...head }) => head) }
}

function optionsOf(args: ToolArguments): Readonly<Record<'include' | 'fields' | 'asOf', string | undefined>> {
  return { include: args.text('include'), fields: args.text('fields'), asOf: args.text('asOf') }
}

function requireId(args: ToolArguments): string {
  const id = args.text('id')
  if (id === undefined)
    throw new ToolError('id expects the id of an entity, such as contact_…; search finds entities and their ids')
  return id
}

/**
 * A tenth of the whole description: the fields in the grammar of Nouns, and the verbs with the states that they lead from
 * and to.
 */
export function shortSchema(schema: ToolAnswer): ToolAnswer {
  const { name, about, definition, verbs, transitions, state, disabled } = schema
  const { fields, descriptions } = isPlainObject(definition) ? definition : {}
  const byVerb = Map.groupBy(objects(transitions), ({ verb }) => String(verb))
  return {
    $type: 'Schema',
    name: String(name),
    ...(about === undefined ? {} : { about }),
    fields: Object.fromEntries(Object.entries(isPlainObject(fields) ? fields : {}).filter(([, text]) => !isVerb(text))),
    ...(descriptions === undefined ? {} : { descriptions }),
    ...(state === undefined ? {} : { state }),
    verbs: objects(verbs).map((verb) => describeVerb(verb, byVerb.get(String(verb['verb'])) ?? [])),
    ...(Array.isArray(disabled) && disabled.length > 0 ? { disabled } : {}),
  }
}

/** `{ "verb": "win", "does": "Mark as won", "from": ["Open"], "to": "Won" }` */
function describeVerb({ verb, description }: ToolAnswer, transitions: readonly ToolAnswer[]): ToolAnswer {
  const from = [...new Set(transitions.flatMap((transition) => transition['from'] ?? []))]
  const to = [...new Set(transitions.flatMap((transition) => transition['to'] ?? []))]
  return {
    verb: String(verb),
    ...(description === undefined ? {} : { does: description }),
    ...(from.length === 0 ? {} : { from }),
    ...(to.length === 0 ? {} : { to: to.join(' or ') }),
  }
}

/** In a definition, a verb is named by its participle, or null if it is disabled. */
function isVerb(text: unknown): boolean {
  return text === null || (typeof text === 'string' && /^[A-Z][a-z]*(?:ed|n|t|d)$/.test(text))
}

function objects(value: unknown): readonly ToolAnswer[] {
  return Array.isArray(value) ? value.filter(isPlainObject) : []
}
