// Rights of the caller, from the server's own answer to `whoami`. Every page asks here; the server decides in the end.

import type { Whoami } from '@headlessly/sdk'

export type Rights = Pick<Whoami, 'mayDoEverything' | 'nouns' | 'others'>

/**
 * All data of the business; that and the server, about which only the server knows; the entities of a type; or a verb on some
 * entity of it.
 */
export type Need = 'everything' | 'server' | { readonly read: string } | { readonly verb: string; readonly of: string }

export function isGranted({ mayDoEverything, nouns, others }: Rights, need: Need): boolean {
  if (mayDoEverything) return true
  if (need === 'everything' || need === 'server') return false
  const { read, write, verbs } = nouns['read' in need ? need.read : need.of] ?? others
  if (read === 'none') return false
  return 'read' in need || (write !== 'none' && (verbs === 'all' || verbs.includes(need.verb)))
}
