// The kind of a caller, by which rules of approval choose.

import type { Via } from '../event/event.ts'
import type { CallerKind } from './approval-rules.ts'
import type { Authority } from './authority.ts'

/** The server's own work: schedules, handlers and workflows, which only full authority sets up. */
const ownWork: readonly Via[] = ['system', 'job', 'workflow', 'hook', 'effect', 'history']

/** Returns undefined for the server's own work. */
export function callerKindOf({ who, onBehalfOf, through }: Authority, via: Via): CallerKind | undefined {
  if (who.startsWith('agent_') || onBehalfOf !== undefined || via === 'mcp') return 'agent'
  if (ownWork.includes(via)) return undefined
  // A client of OAuth is a program that a person has let in.
  if (through?.kind === 'grant') return 'agent'
  return through?.kind === 'key' ? 'key' : 'person'
}
