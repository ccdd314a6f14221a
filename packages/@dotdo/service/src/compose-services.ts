// The parts that a list of services adds to a tenant's object.

import type { Hooks, Identity, Job, JobContext, VerifyMore } from '@dotdo/do'
import { assert, type Connections } from 'digital-objects'
import type { Importer } from './importer.ts'
import type { ObjectParts, Service, ServiceCommands } from './service.ts'

/** The handlers of all services, in the order of the list. Fails if two services share a name, a Noun or a handler. */
export function composeHooks<Env extends object>(
  services: readonly Service<Env>[],
  { parts, env }: { readonly parts: ObjectParts; readonly env: Partial<Env> },
): Hooks {
  checkDistinct(
    'services',
    services.map(({ name }) => name),
  )
  checkDistinct(
    'Nouns',
    services.flatMap(({ nouns = [] }) => nouns.map(({ name }) => name)),
  )
  const added = services.map(({ hooks, bindings }) => hooks?.(parts, bindingsOf(bindings, env)) ?? {})
  const before = added.flatMap((hooks) => hooks.before ?? [])
  const asyncBefore = added.flatMap((hooks) => hooks.asyncBefore ?? [])
  const after = added.flatMap((hooks) => hooks.after ?? [])
  checkDistinct(
    'handlers',
    [...before, ...asyncBefore, ...after].map(({ id }) => id),
  )
  const changingAfter = added.flatMap((hooks) => hooks.changingAfter ?? [])
  return { before, asyncBefore, after, changingAfter }
}

/** The bindings that a service names, as far as this server has them. */
export function bindingsOf<Env extends object>(names: Service<Env>['bindings'] = [], env: Partial<Env>): Partial<Env> {
  const bound: Partial<Env> = {}
  for (const name of names) if (env[name] !== undefined) bound[name] = env[name]
  return bound
}

/** The commands of all services, by `service/command`. */
export function composeCommands<Env extends object>(
  services: readonly Service<Env>[],
  { parts, env }: { readonly parts: ObjectParts; readonly env: Partial<Env> },
): ReadonlyMap<string, ServiceCommands[string]> {
  return new Map(
    services.flatMap(({ name, commands, bindings }) =>
      Object.entries(commands?.(parts, bindingsOf(bindings, env)) ?? {}).map(
        ([command, answer]) => [`${name}/${command}`, answer] as const,
      ),
    ),
  )
}

/** The connections that all services have now. Fails if two of them provide the same one. */
export function composeConnections(services: readonly Service<never>[], parts: ObjectParts): Connections {
  const all = services.flatMap(({ connections = [] }) => connections)
  checkDistinct('connections', all)
  const serviceOf = new Map(
    services.flatMap((service) => (service.connections ?? []).map((connection) => [connection, service])),
  )
  return {
    has: (connection) => {
      const service = serviceOf.get(connection)
      return service !== undefined && (service.isConnected?.(connection, parts) ?? true)
    },
  }
}

/** The part that decides what keys prove; undefined if no service has one. Fails if two of them have. */
export function composeIdentity(services: readonly Service<never>[], parts: ObjectParts): Identity | undefined {
  const [first, ...others] = services.flatMap(({ identity }) => (identity === undefined ? [] : [identity]))
  assert(others.length === 0, 'one service decides what keys prove')
  return first?.(parts)
}

/** The part that reads rows of files; undefined if no service has one. Fails if two of them have. */
export function composeImporter(services: readonly Service<never>[]): Importer | undefined {
  const [first, ...others] = services.flatMap(({ importer }) => importer ?? [])
  assert(others.length === 0, 'one service reads rows of files')
  return first
}

/** The jobs of all services. Fails if two of them share a name. */
export function composeJobs(
  services: readonly Service<never>[],
  { context, parts }: { readonly context: JobContext; readonly parts: ObjectParts },
): readonly Job[] {
  const all = services.flatMap(({ jobs }) => jobs?.(context, parts) ?? [])
  checkDistinct(
    'jobs',
    all.map(({ name }) => name),
  )
  return all
}

/** The checks of all services, one after another. */
export function composeVerify(services: readonly Service<never>[], parts: ObjectParts): VerifyMore {
  const all = services.flatMap(({ verify }) => verify?.(parts) ?? [])
  return async (note) => {
    for (const verify of all) await verify(note)
  }
}

function checkDistinct(kind: string, names: readonly string[]): void {
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  assert(twice === undefined, `${kind} have distinct names, '${twice}' occurs twice`)
}
