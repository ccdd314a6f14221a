// `/hooks`: stored functions before and after verbs, named by entity, verb and phase. A hook is the function with the same
// code and trigger, so that the same one again is stored once.

import { ask, type ServiceAnswer, type ServiceRequest, type ServiceRoute } from '@dotdo/service'
import { functionName, isPlainObject, type JsonValue, ObjectError, parseExactJson } from 'digital-objects'
import { findFunction } from './ask-tenant.ts'
import { parametersOf, toAnswer, writeOptions } from './function-routes.ts'
import { type VerbForms, verbsOf } from './verb-forms.ts'

type Bindings = ServiceRequest['bindings']

/** Functions without a hook's trigger are left out of a page. */
const listMax = '100'
const phases = ['before', 'after'] as const
type Phase = (typeof phases)[number]

interface Hook {
  readonly entity: string
  readonly verb: string
  readonly phase: Phase
  readonly code: string
}

export function hookRoutes<B extends Bindings>(): readonly ServiceRoute<B>[] {
  return [
    {
      path: '/hooks',
      method: 'POST',
      about: 'Stores a function that runs before or after a verb; the same one again changes nothing.',
      answer: postHook,
    },
    {
      path: '/hooks',
      method: 'GET',
      about: 'Lists the stored functions that run before or after verbs.',
      answer: listHooks,
    },
    {
      path: '/hooks/{id}',
      method: 'DELETE',
      about: 'Removes a stored function; an undo of the commit brings it back.',
      answer: async (request) => {
        const id = request.parameters['id'] ?? ''
        const write = { kind: 'write', noun: 'Function', verb: 'delete', ...writeOptions(request, ['id']) } as const
        return toAnswer(await ask(request, { ...write, id, body: '' }))
      },
    },
  ]
}

async function postHook(request: ServiceRequest): Promise<ServiceAnswer> {
  const hook = parseHook(await request.body())
  const { entity, verb, phase, code } = hook
  const forms = (await verbsOf(request, entity)).find((one) => one.verb === verb)
  if (forms === undefined) throw refused('verb', `the entity type '${entity}' has no verb '${verb.slice(0, 64)}'`)
  const on = `${entity}.${forms[phase]}`
  const name = functionName(on, code)
  const write = { kind: 'write', noun: 'Function', ...writeOptions(request) } as const
  const stored = await findFunction(request, name)
  const asked =
    stored === undefined
      ? await ask(request, { ...write, verb: 'create', body: JSON.stringify({ name, on, source: code }) })
      : await ask(request, {
          ...write,
          verb: 'update',
          id: String(stored['$id']),
          body: JSON.stringify({ on, source: code }),
        })
  if (writeOptions(request).isDryRun === true) return toAnswer(asked)
  const made = { ...asked, body: toHook(isPlainObject(asked.body) ? asked.body : {}, hook) }
  return { ...toAnswer(made), hasCreated: stored === undefined }
}

async function listHooks(request: ServiceRequest): Promise<ServiceAnswer> {
  const { cursor, limit = listMax } = parametersOf(request, ['cursor', 'limit'])
  const filter = JSON.stringify({ on: { $exists: true } })
  const page = { filter, sort: 'name', limit, strong: 'true', ...(cursor === undefined ? {} : { cursor }) }
  const asked = await ask(request, { kind: 'read', read: 'find', noun: 'Function', parameters: page })
  const { results, ...rest } = isPlainObject(asked.body) ? asked.body : {}
  const verbs = new Map<string, readonly VerbForms[]>()
  const hooks: JsonValue[] = []
  for (const stored of Array.isArray(results) ? results : []) {
    if (!isPlainObject(stored)) continue
    const [, entity, form] = /^([A-Z]\w*)\.([a-z]\w*)$/.exec(String(stored['on'])) ?? []
    if (entity === undefined) continue
    const known = verbs.get(entity) ?? (await verbsOf(request, entity).catch(() => []))
    verbs.set(entity, known)
    const forms = known.find(({ before, after }) => before === form || after === form)
    if (forms === undefined) continue
    const phase = forms.before === form ? 'before' : 'after'
    hooks.push(toHook(stored, { entity, verb: forms.verb, phase, code: String(stored['source']) }))
  }
  return toAnswer({ ...asked, body: { ...rest, results: hooks } })
}

function toHook(stored: Readonly<Record<string, unknown>>, hook: Hook): JsonValue {
  const { $id, name, status, reason, $createdAt } = stored
  const why = reason === undefined ? {} : { reason }
  return { $id, name, ...hook, status, ...why, $createdAt } as JsonValue // fields of an entity
}

const members = ['entity', 'verb', 'phase', 'code'] as const

function parseHook(text: string): Hook {
  const body = parseExactJson(text, {
    syntax: () => new ObjectError({ code: 'invalid_json', field: 'body', message: 'the body expects JSON' }),
    inexact: () => refused('body', expected),
  })
  if (!isPlainObject(body)) throw refused('body', expected)
  const stray = Object.keys(body).find((name) => !members.some((member) => member === name))
  if (stray !== undefined) throw refused(stray.slice(0, 64), expected)
  const [entity, verb, phase, code] = members.map((member) => {
    const value = body[member]
    if (typeof value !== 'string' || value === '') throw refused(member, `${member} expects a string; ${expected}`)
    return value
  })
  const known = phases.find((one) => one === phase)
  if (known === undefined || entity === undefined || verb === undefined || code === undefined)
    throw refused('phase', `phase expects before or after, got '${String(phase).slice(0, 64)}'`)
  return { entity, verb, phase: known, code }
}

const expected = 'the body expects {"entity":"Contact","verb":"qualify","phase":"before","code":"(contact) => …"}'

function refused(field: string, message: string): ObjectError {
  return new ObjectError({ code: 'invalid_body', field, message })
}
