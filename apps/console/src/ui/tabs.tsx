// The parts of a tool, as links, so that each has an address.

import type { ReactNode } from 'react'
import { Link } from '../base/navigation.tsx'
import type { ToolName } from '../base/tools.ts'
import { useScene } from '../data/workspace-context.tsx'

interface TabsProps {
  readonly tool: ToolName
  readonly label: string
  /** The first one has the address of the tool itself. */
  readonly tabs: readonly { readonly name: string | undefined; readonly label: string }[]
}

export function Tabs({ tool, label, tabs }: TabsProps): ReactNode {
  const { workspace } = useScene()
  return (
    <nav className="tabs" aria-label={label}>
      {tabs.map(({ name, label: text }) => (
        <Link key={text} to={{ tenant: workspace.tenant, noun: tool, id: name, search: {} }}>
          {text}
        </Link>
      ))}
    </nav>
  )
}
