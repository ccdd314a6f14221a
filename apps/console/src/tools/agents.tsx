// Agents and the code that works for the business: their runs, what waits for a person, stored functions, and a playground.

import type { ReactNode } from 'react'
import { useToolTexts } from '../base/tool-texts.ts'
import { AgentList } from './agent-list.tsx'
import { AgentRuns } from './agent-runs.tsx'
import { Approvals } from './approvals.tsx'
import { FunctionList } from './function-list.tsx'
import { Playground } from './playground.tsx'
import { ToolPage } from './tool-page.tsx'

const pages = { agents: AgentList, runs: AgentRuns, approvals: Approvals, functions: FunctionList, do: Playground }

export function AgentsPage(): ReactNode {
  return <ToolPage tool="agents" title={useToolTexts()('agents.title')} pages={pages} />
}
