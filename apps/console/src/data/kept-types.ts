// The types of the tenant's own in which the console keeps what belongs to a person. They are defined when they are first needed,
// by a caller who may. So what is kept has a history, travels with the data, and follows the rules of access like everything else.

import { HeadlesslyError, type ObjectEvent } from '@headlessly/sdk'
import type { QueryClient } from '@tanstack/react-query'
import { isGranted } from '../base/rights.ts'
import { clientOf, openWorkspace, type Workspace } from './workspace.ts'

const definitions = {
  ConsoleView: {
    fields: { name: 'string!', noun: 'string! #', search: 'text?', owner: 'string? #' },
    about: 'A list of the console with its filter, sort and groups, saved under a name.',
  },
  ConsoleVisit: {
    fields: {
      owner: 'string! ##',
      at: 'datetime!',
      seq: 'integer!',
      beforeAt: 'datetime?',
      beforeSeq: 'integer?',
    },
    about: 'The latest visit of a person to the console, and the one before it.',
  },
} as const

type KeptType = keyof typeof definitions

/** Whether the caller may keep entities of the type, or define it. */
export function mayKeep({ types, whoami }: Workspace, name: KeptType): boolean {
  if (!types.has(name)) return isGranted(whoami, 'everything')
  return ['create', 'update'].every((verb) => isGranted(whoami, { verb, of: name }))
}

/** Returns the workspace with the type, which it defines if there is none. */
export async function withKept(workspace: Workspace, name: KeptType, queries: QueryClient): Promise<Workspace> {
  const { tenant } = workspace
  if (workspace.types.has(name)) return workspace
  await define(tenant, name)
  const open = await openWorkspace(tenant)
  queries.setQueryData(['workspace', tenant], open)
  return open
}

/** Another tab may have defined it at the same time, with the same definition. */
async function define(tenant: string, name: KeptType): Promise<void> {
  try {
    await clientOf(tenant).schema.put(name, definitions[name])
  } catch (error) {
    if (!(error instanceof HeadlesslyError) || error.code !== 'conflict') throw error
  }
}

/** Visits are kept without a person's doing, so they are no part of what pages show of the business. */
export function isVisitType(name: string): boolean {
  return name === 'ConsoleVisit'
}

/** Whether the console has written the event by itself, without being told to by a person. */
export function isOfVisits({ type, data }: Pick<ObjectEvent, 'type'> & { readonly data?: unknown }): boolean {
  const name = type.slice(0, type.indexOf('.'))
  if (name !== 'Schema') return isVisitType(name)
  return typeof data === 'object' && data !== null && isVisitType(String(Reflect.get(data, 'name')))
}
