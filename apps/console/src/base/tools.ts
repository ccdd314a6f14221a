// The pages of a tenant that are no list of a type, their parts, and what a caller needs to use each. Their addresses begin in lower
// case, as no type does: `/acme/agents/runs`.

import type { IconName } from './icon-paths.ts'
import type { MessageName } from './messages-en.ts'
import { isGranted, type Need, type Rights } from './rights.ts'
import type { ToolMessageName } from './tool-messages-en.ts'

export interface ToolPart {
  /** Its part of the address; the first one of a tool has the address of the tool itself. */
  readonly id: string
  readonly label: ToolMessageName
  /** Without it, everybody may use the part, and sees there what they may. */
  readonly needs?: Need
}

export interface Tool {
  readonly name: string
  readonly label: MessageName
  readonly icon: IconName
  /** The letter that follows `g`. */
  readonly key: string
  readonly parts: readonly ToolPart[]
}

const toolList = [
  {
    name: 'inbox',
    label: 'tool.inbox',
    icon: 'inbox',
    key: 'x',
    parts: [
      { id: 'tickets', label: 'inbox.tickets', needs: { read: 'Ticket' } },
      { id: 'messages', label: 'inbox.messages', needs: { read: 'Message' } },
    ],
  },
  {
    name: 'numbers',
    label: 'tool.numbers',
    icon: 'chart',
    key: 'r',
    parts: [
      { id: 'revenue', label: 'numbers.revenue', needs: { read: 'Subscription' } },
      { id: 'pipeline', label: 'numbers.pipeline', needs: { read: 'Deal' } },
      { id: 'product', label: 'numbers.product' },
      { id: 'support', label: 'numbers.support', needs: { read: 'Ticket' } },
      { id: 'marketing', label: 'numbers.marketing', needs: { read: 'Campaign' } },
      { id: 'chart', label: 'numbers.chart' },
    ],
  },
  {
    name: 'agents',
    label: 'tool.agents',
    icon: 'agent',
    key: 'a',
    parts: [
      { id: 'agents', label: 'agents.agents', needs: { read: 'Agent' } },
      { id: 'runs', label: 'agents.runs', needs: { read: 'AgentRun' } },
      { id: 'approvals', label: 'agents.approvals' },
      { id: 'functions', label: 'agents.functions', needs: { read: 'Function' } },
      { id: 'do', label: 'agents.playground' },
    ],
  },
  {
    name: 'operate',
    label: 'tool.operate',
    icon: 'gear',
    key: 'p',
    parts: [
      { id: 'types', label: 'operate.types', needs: 'everything' },
      { id: 'members', label: 'operate.members', needs: { read: 'User' } },
      { id: 'rules', label: 'operate.rules', needs: 'everything' },
      { id: 'keys', label: 'operate.keys', needs: { read: 'ApiKey' } },
      { id: 'webhooks', label: 'operate.webhooks', needs: { read: 'Webhook' } },
      { id: 'payments', label: 'operate.payments', needs: 'everything' },
      { id: 'jobs', label: 'operate.jobs' },
      { id: 'lake', label: 'operate.lake', needs: 'everything' },
      { id: 'backup', label: 'operate.backup', needs: 'everything' },
      { id: 'events', label: 'operate.events' },
      { id: 'audit', label: 'operate.audit', needs: 'everything' },
      { id: 'tenants', label: 'operate.tenants', needs: 'server' },
    ],
  },
] as const satisfies readonly Tool[]

type KnownTool = (typeof toolList)[number]
export type ToolName = KnownTool['name']
export type PartId<Name extends ToolName> = Extract<KnownTool, { readonly name: Name }>['parts'][number]['id']

export const tools: readonly (Tool & { readonly name: ToolName })[] = toolList

/** The address of a part below its tool. */
export function addressOf({ parts }: Tool, { id }: ToolPart): string | undefined {
  return id === parts[0]?.id ? undefined : id
}

/** The parts that the caller may use. */
export function grantedParts({ parts }: Tool, rights: Rights): readonly ToolPart[] {
  return parts.filter(({ needs }) => needs === undefined || isGranted(rights, needs))
}

/** The tools of which the caller may use a part, each with the address of the first such part. */
export function grantedTools(rights: Rights): readonly { readonly tool: Tool; readonly id: string | undefined }[] {
  return tools.flatMap((tool) => {
    const [first] = grantedParts(tool, rights)
    return first === undefined ? [] : [{ tool, id: addressOf(tool, first) }]
  })
}
