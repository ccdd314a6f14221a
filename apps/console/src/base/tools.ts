// The pages of a tenant that are no list of a type. Their addresses begin in lower case, as no type does: `/acme/agents/runs`.

import type { IconName } from './icon-paths.ts'
import type { MessageName } from './messages-en.ts'

export interface Tool {
  readonly name: ToolName
  readonly label: MessageName
  readonly icon: IconName
  /** The letter that follows `g`. */
  readonly key: string
}

export type ToolName = 'inbox' | 'numbers' | 'agents' | 'operate'

export const tools: readonly Tool[] = [
  { name: 'inbox', label: 'tool.inbox', icon: 'inbox', key: 'x' },
  { name: 'numbers', label: 'tool.numbers', icon: 'chart', key: 'r' },
  { name: 'agents', label: 'tool.agents', icon: 'agent', key: 'a' },
  { name: 'operate', label: 'tool.operate', icon: 'gear', key: 'p' },
]
