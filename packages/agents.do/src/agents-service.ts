// agents.do: runs the agents of a tenant with a language model that the tenant connects, and finds entities by the meaning of their
// texts with a model of vectors.

import { guardSuccess, type ObjectParts, type Service } from '@dotdo/service'
import { AgentRun } from './agent-run.ts'
import { isConnected, type ModelAccess } from './model/model-of.ts'
import { AgentRunner } from './run/agent-runner.ts'
import { EmbeddingJob } from './semantic/embedding-job.ts'
import { Embeddings } from './semantic/embeddings.ts'
import { semanticCommands } from './semantic/semantic-commands.ts'
import { semanticRoutes } from './semantic/semantic-routes.ts'
import { startRuns } from './start-runs.ts'
import { checkedTriggers, Listeners } from './triggers.ts'

export type AgentsOptions = ModelAccess

export function agentsService(access: AgentsOptions): Service {
  const all = new WeakMap<ObjectParts, Embeddings>()
  /** The job and the commands of one object share it. */
  const embeddingsOf = (parts: ObjectParts): Embeddings => {
    const embeddings = all.get(parts) ?? new Embeddings({ parts, access, now: Date.now })
    all.set(parts, embeddings)
    return embeddings
  }
  return {
    name: 'agents.do',
    about: 'Runs the agents of a tenant with a language model, and finds entities by meaning.',
    nouns: [AgentRun.$schema],
    connections: ['model'],
    isConnected: (_connection, parts) => isConnected(access, parts.settings().model),
    hooks: (parts: ObjectParts) => ({
      before: [checkedTriggers(), guardSuccess({ noun: 'AgentRun', isServer: (actor) => actor === 'system' })],
      after: startRuns(parts, new Listeners(parts)),
    }),
    routes: semanticRoutes,
    commands: (parts) => semanticCommands(embeddingsOf(parts), Date.now),
    jobs: (_context, parts) => [
      new AgentRunner({ parts, access, now: Date.now }),
      new EmbeddingJob(embeddingsOf(parts), Date.now),
    ],
  }
}
