// A calm client of another tenant, as a process of its own: one request every 25 ms, which creates, reads or lists. A busy one
// asks without a pause. It measures how long the attacked server makes it wait. Told to stop, it sends its measurements to its parent.

import { performance } from 'node:perf_hooks'

const pauseMs = process.argv[3] === 'busy' ? 0 : 25
const answerLimitMs = 60_000

export interface NeighbourReport {
  readonly requests: number
  readonly failures: readonly string[]
  readonly p50Ms: number
  readonly p99Ms: number
  readonly slowestMs: number
}

const base = `${process.argv[2]}/~neighbour`
const latencies: number[] = []
const failures: string[] = []
let newest = ''
let isStopping = false
process.on('message', () => {
  isStopping = true
})

for (let count = 0; !isStopping; count++) {
  const start = performance.now()
  try {
    await ask(count)
  } catch (error) {
    failures.push(String(error))
  }
  latencies.push(performance.now() - start)
  await new Promise((resolve) => setTimeout(resolve, pauseMs))
}
latencies.sort((a, b) => a - b)
const at = (share: number): number =>
  latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * share))] ?? 0
const report: NeighbourReport = {
  requests: latencies.length,
  failures,
  p50Ms: at(0.5),
  p99Ms: at(0.99),
  slowestMs: at(1),
}
process.send?.(report, () => process.exit(0))

async function ask(count: number): Promise<void> {
  if (count % 3 === 0 || newest === '') {
    const answer = await send('/Contact', { name: `Neighbour ${count}`, email: `n${process.pid}.${count}@example.com` })
    newest = answer['$id'] as string
  } else if (count % 3 === 1) await send(`/Contact/${newest}?strong=true`)
  else await send('/Contact?limit=20')
}

async function send(path: string, body?: object): Promise<Record<string, unknown>> {
  const answer = await fetch(`${base}${path}`, {
    signal: AbortSignal.timeout(answerLimitMs),
    ...(body === undefined
      ? {}
      : { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  })
  const text = await answer.text()
  if (!answer.ok)
    throw new Error(`${body === undefined ? 'GET' : 'POST'} ${path}: ${answer.status} ${text.slice(0, 200)}`)
  return JSON.parse(text) as Record<string, unknown>
}
