// The frame of a tool: its heading, the parts that the caller may use as tabs, and the part that the address names.

import { useQuery } from '@tanstack/react-query'
import { createElement, type ReactNode } from 'react'
import { usePlace } from '../base/navigation.tsx'
import { addressOf, grantedParts, type PartId, type Tool, type ToolName, type ToolPart, tools } from '../base/tools.ts'
import { useToolTexts } from '../base/tool-texts.ts'
import { tenants } from '../data/workspace.ts'
import { useScene } from '../data/workspace-context.tsx'
import { NotGranted } from '../ui/granted.tsx'
import { Loading } from '../ui/states.tsx'
import { Tabs } from '../ui/tabs.tsx'

interface ToolPageProps<Name extends ToolName> {
  readonly tool: Name
  readonly title: string
  readonly note?: string
  readonly pages: Readonly<Record<PartId<Name>, () => ReactNode>>
}

export function ToolPage<Name extends ToolName>({ tool: name, title, note, pages }: ToolPageProps<Name>): ReactNode {
  const say = useToolTexts()
  const { id } = usePlace()
  const tool = tools.find((one) => one.name === name)
  const granted = useGrantedParts(tool)
  // A part that no tool has is the first one.
  const part = tool?.parts.find((one) => one.id === id) ?? tool?.parts[0]
  if (tool === undefined || part === undefined) return null
  const page = Object.entries<() => ReactNode>(pages).find(([known]) => known === part.id)?.[1]
  return (
    <div className="tool-page">
      <header className="page-head">
        <h1>{title}</h1>
        {note === undefined ? null : <span className="soft wide-only">{note}</span>}
      </header>
      <Tabs
        tool={name}
        label={title}
        tabs={(granted ?? []).map((one) => ({ name: addressOf(tool, one), label: say(one.label) }))}
      />
      {granted === undefined ? (
        <Loading />
      ) : page !== undefined && granted.includes(part) ? (
        createElement(page)
      ) : (
        <NotGranted need={part.needs ?? 'everything'} />
      )}
    </div>
  )
}

/** Whether the caller operates the server is known to the server alone, so a part about it is asked for. */
function useGrantedParts(tool: Tool | undefined): readonly ToolPart[] | undefined {
  const { whoami } = useScene().workspace
  const parts = tool === undefined ? [] : grantedParts(tool, whoami)
  const isAsked = parts.some(({ needs }) => needs === 'server')
  const operates = useQuery({
    enabled: isAsked,
    queryKey: ['tenants', 'may'],
    staleTime: Infinity,
    queryFn: ({ signal }) =>
      tenants.list({ limit: 1, signal }).then(
        () => true,
        () => false,
      ),
  })
  if (isAsked && operates.data === undefined) return undefined
  return parts.filter(({ needs }) => needs !== 'server' || operates.data === true)
}
