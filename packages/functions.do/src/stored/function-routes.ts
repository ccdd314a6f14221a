// Routes of stored functions by their names: list, register, read, remove and call them.

import { ask, type Asked, type ServiceAnswer, type ServiceRequest, type ServiceRoute } from '@dotdo/service'
import { isPlainObject, type JsonValue, ObjectError, parseExactJson, type Parameters } from 'digital-objects'
import { runSource } from '../run/run-code.ts'
import type { RunParts } from '../run/run-program.ts'
import { parseRunOptions, type RunOptions } from '../run/parse-run-body.ts'
import { askFunction, findFunction } from './ask-tenant.ts'
import { type CalledRun, sandboxOfCalled } from './called-runs.ts'
import { checkName } from './check-function.ts'
import { placeholdersOf } from './placeholders.ts'

type Bindings = ServiceRequest['bindings']
type Fields = Readonly<Record<string, JsonValue>>

const listMax = 100
const given = ['description', 'hosts', 'on', 'schedule', 'secrets', 'source'] as const

export function functionRoutes<B extends Bindings>(
  open: (request: ServiceRequest<B>) => Promise<RunParts>,
): readonly ServiceRoute<B>[] {
  return [
    {
      path: '/functions',
      method: 'GET',
      about: 'Lists the stored functions by name.',
      answer: listFunctions,
    },
    {
      path: '/functions/{name}',
      method: 'PUT',
      about: 'Stores a function under a name; the same source again changes nothing.',
      answer: putFunction,
    },
    {
      path: '/functions/{name}',
      method: 'GET',
      about: 'Reads a stored function.',
      answer: async (request) => {
        parametersOf(request, [])
        return toAnswer({ body: await askFunction(request, nameOf(request)) })
      },
    },
    {
      path: '/functions/{name}',
      method: 'DELETE',
      about: 'Removes a stored function; an undo of the commit brings it back.',
      answer: removeFunction,
    },
    {
      path: '/functions/{name}/run',
      method: 'POST',
      about: 'Runs a stored function with the rights of its caller, and answers with its result.',
      via: 'sdk',
      answer: async (request) => {
        parametersOf(request, [])
        const options = parseRunOptions(await request.body())
        const stored = await askFunction(request, nameOf(request))
        if (stored['status'] !== 'Enabled') throw disabled(stored)
        const { code = stored['source'], hash, secrets } = stored
        const run = calledRun(request, stored, options)
        const { sandbox, turns } = await open(request)
        const answer = runSource({ sandbox: sandboxOfCalled(sandbox, request, run), turns }, request, {
          ...options,
          code: String(code),
          ...(Array.isArray(secrets) && secrets.length > 0 ? { secrets: run.secrets } : {}),
          warmKey: `${request.tenant} ${String(hash)}`,
        })
        request.waitUntil(answer.catch(() => {}))
        return answer
      },
    },
  ]
}

function calledRun(request: ServiceRequest, stored: Fields, { isDryRun }: RunOptions): CalledRun {
  const { $id, $version, secrets } = stored
  const key = request.idempotencyKey ?? crypto.randomUUID()
  const names = Array.isArray(secrets) ? secrets : []
  return { id: String($id), version: Number($version), key, isDryRun, secrets: placeholdersOf(names) }
}

async function listFunctions(request: ServiceRequest): Promise<ServiceAnswer> {
  const { cursor, limit = String(listMax) } = parametersOf(request, ['cursor', 'limit'])
  const parameters = { sort: 'name', limit, strong: 'true', ...(cursor === undefined ? {} : { cursor }) }
  return toAnswer(await ask(request, { kind: 'read', read: 'find', noun: 'Function', parameters }))
}

async function putFunction(request: ServiceRequest): Promise<ServiceAnswer> {
  const name = nameOf(request)
  checkName(name)
  const body = parseFunction(await request.body())
  const stored = await findFunction(request, name)
  const write = { kind: 'write', noun: 'Function', ...writeOptions(request) } as const
  if (stored === undefined) {
    const asked = await ask(request, { ...write, verb: 'create', body: JSON.stringify({ ...body, name }) })
    return { ...toAnswer(asked), hasCreated: !('isDryRun' in write) }
  }
  // A PUT replaces: what it leaves out is cleared.
  const cleared = Object.fromEntries(given.flatMap((field) => (field in stored ? [[field, null]] : [])))
  const update = JSON.stringify({ ...cleared, ...body })
  return toAnswer(await ask(request, { ...write, verb: 'update', id: String(stored['$id']), body: update }))
}

async function removeFunction(request: ServiceRequest): Promise<ServiceAnswer> {
  const stored = await askFunction(request, nameOf(request))
  const write = { kind: 'write', noun: 'Function', ...writeOptions(request) } as const
  return toAnswer(await ask(request, { ...write, verb: 'delete', id: String(stored['$id']), body: '' }))
}

/** Refuses parameters that have no effect, which the caller may rely on. */
export function parametersOf(
  { parameters }: ServiceRequest,
  allowed: readonly string[],
  inPath: readonly string[] = ['name'],
): Parameters {
  const stray = Object.keys(parameters).find((name) => !inPath.includes(name) && !allowed.includes(name))
  if (stray === undefined) return parameters
  const known = allowed.length === 0 ? 'no parameters' : allowed.join(' and ')
  const message = `this path expects ${known}, got '${stray.slice(0, 64)}'`
  throw new ObjectError({ code: 'invalid_parameter', field: stray.slice(0, 64), message })
}

/** `inPath` are the variables of the path. */
export function writeOptions(request: ServiceRequest, inPath?: readonly string[]) {
  const { idempotencyKey } = request
  const { dryRun = 'false' } = parametersOf(request, ['dryRun'], inPath)
  if (!['true', 'false', ''].includes(dryRun))
    throw new ObjectError({
      code: 'invalid_parameter',
      field: 'dryRun',
      message: `dryRun expects true or false, got '${dryRun.slice(0, 64)}'`,
    })
  return {
    ...(dryRun === 'true' ? { isDryRun: true as const } : {}),
    ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
  }
}

function nameOf({ parameters }: ServiceRequest): string {
  return parameters['name'] ?? ''
}

export function toAnswer({ body, bookmark, commit }: Asked): Extract<ServiceAnswer, { ok: true }> {
  return {
    ok: true,
    body: body === undefined ? '' : JSON.stringify(body),
    ...(bookmark === undefined ? {} : { bookmark }),
    ...(commit === undefined ? {} : { commit }),
  }
}

function parseFunction(text: string): Fields {
  const body = parseExactJson(text, {
    syntax: () => new ObjectError({ code: 'invalid_json', field: 'body', message: 'the body expects JSON' }),
    inexact: ({ path }) => refused(path.join('.').slice(0, 64) || 'body'),
  })
  if (!isPlainObject(body)) throw refused('body')
  const stray = Object.keys(body).find((name) => !given.some((field) => field === name))
  if (stray !== undefined) throw refused(stray.slice(0, 64))
  return body as Fields
}

function refused(field: string): ObjectError {
  const message = `the body expects an object with source, and optionally ${given.slice(0, -1).join(', ')}`
  return new ObjectError({ code: 'invalid_body', field, message })
}

function disabled({ name, reason }: Fields): ObjectError {
  const why = typeof reason === 'string' ? `: ${reason}` : ''
  return new ObjectError({ code: 'conflict', message: `the function '${String(name)}' is disabled${why}` })
}
