// Measures an agent: how many of its runs have succeeded, and how long the model took for an answer.

import type { ObjectParts } from '@dotdo/service'

/** Stores how the agent has done so far. A crash before it is made up for by the next run. */
export async function measureAgent(parts: ObjectParts, agent: string): Promise<void> {
  const parameters = {
    by: 'status',
    avg: 'latencyMs',
    filter: JSON.stringify({ agent, status: { $in: ['Succeeded', 'Failed'] } }),
  }
  const by = { who: 'system', via: 'job' } as const
  const answer = await parts.answer({ kind: 'read', read: 'aggregate', noun: 'AgentRun', parameters }, by)
  if (!answer.ok) return
  const { results } = JSON.parse(answer.body) as { readonly results: readonly Group[] } // the answer of our own read
  const counts = results.reduce((sum, { count }) => sum + count, 0)
  const good = results.find((group) => group.by.status === 'Succeeded')
  if (counts === 0) return
  const successRate = Math.round((1_000 * (good?.count ?? 0)) / counts) / 10
  const latency = good?.avg.latencyMs ?? undefined
  const body = { successRate, ...(latency === undefined ? {} : { averageLatency: Math.round(latency) }) }
  await parts.answer({ kind: 'write', noun: 'Agent', verb: 'update', id: agent, body: JSON.stringify(body) }, by)
}

interface Group {
  readonly by: { readonly status?: string }
  readonly count: number
  readonly avg: { readonly latencyMs?: number | null }
}
