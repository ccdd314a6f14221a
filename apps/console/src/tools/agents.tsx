// Agents and the code that works for the business: their runs, what waits for a person, stored functions, and a playground.

import type { ReactNode } from 'react'
import { usePlace } from '../base/navigation.tsx'
import { useToolTexts } from '../base/tool-texts.ts'
import { Tabs } from '../ui/tabs.tsx'
import { AgentList } from './agent-list.tsx'
import { AgentRuns } from './agent-runs.tsx'
import { Approvals } from './approvals.tsx'
import { FunctionList } from './function-list.tsx'
import { Playground } from './playground.tsx'

export function AgentsPage(): ReactNode {
  const say = useToolTexts()
  const { id } = usePlace()
  return (
    <div className="tool-page">
      <header className="page-head">
        <h1>{say('agents.title')}</h1>
      </header>
      <Tabs
        tool="agents"
        label={say('agents.title')}
        tabs={[
          { name: undefined, label: say('agents.agents') },
          { name: 'runs', label: say('agents.runs') },
          { name: 'approvals', label: say('agents.approvals') },
          { name: 'functions', label: say('agents.functions') },
          { name: 'do', label: say('agents.playground') },
        ]}
      />
      <Part name={id} />
    </div>
  )
}

function Part({ name }: { readonly name: string | undefined }): ReactNode {
  switch (name) {
    case 'runs':
      return <AgentRuns />
    case 'approvals':
      return <Approvals />
    case 'functions':
      return <FunctionList />
    case 'do':
      return <Playground />
    default:
      return <AgentList />
  }
}
