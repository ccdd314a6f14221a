// agents.do: runs the agents of a tenant with a language model that the tenant connects.

import { guardSuccess, type ObjectParts, type Service } from '@dotdo/service'
import { AgentRun } from './agent-run.ts'
import { isConnected, type ModelAccess } from './model/model-of.ts'
import { AgentRunner } from './run/agent-runner.ts'
import { startRuns } from './start-runs.ts'
import { checkedTriggers, Listeners } from './triggers.ts'

export type AgentsOptions = ModelAccess

export function agentsService(access: AgentsOptions): Service {
  return {
    name: 'agents.do',
    about: 'Runs the agents of a tenant with a language model.',
    nouns: [AgentRun.$schema],
    connections: ['model'],
    isConnected: (_connection, parts) => isConnected(access, parts.settings().model),
    hooks: (parts: ObjectParts) => ({
      before: [checkedTriggers(), guardSuccess({ noun: 'AgentRun', isServer: (actor) => actor === 'system' })],
      after: startRuns(parts, new Listeners(parts)),
    }),
    jobs: (_context, parts) => [new AgentRunner({ parts, access, now: Date.now })],
  }
}
