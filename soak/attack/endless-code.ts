// Every form of endless or greedy code: one after the other, all at once, and the same again. Each ends with an answer,
// the server's own process lives on, and a tenant that only reads in its code never notices.

import { type Scenario, scaled, type Target } from './scenario.ts'
import { sleep } from '../kill-server.ts'

interface Form {
  readonly name: string
  readonly code: string
  /** The statuses that are right; by default that of code that was ended. */
  readonly statuses?: readonly number[]
}

const nap = 'await new Promise((done) => setTimeout(done))'

const forms: readonly Form[] = [
  { name: 'loop', code: '() => { for (;;) {} }' },
  { name: 'loop that awaits', code: 'async () => { for (;;) await null }' },
  { name: 'loop in the module', code: '() => 1); for (;;) {} (() => 2' },
  { name: 'loop after a call', code: 'async ($) => { await $.Contact.find(); for (;;) {} }' },
  { name: 'regular expression', code: `() => /^(a+)+$/.test('a'.repeat(50) + 'b')` },
  { name: 'arrays', code: '() => { const all = []; for (;;) all.push(Array(1e5).fill(1)) }' },
  {
    name: 'arrays, awaiting',
    code: `async () => { const all = []; for (;;) { all.push(Array(1e5).fill(1)); ${nap} } }`,
  },
  { name: 'bytes', code: '() => { const all = []; for (;;) all.push(new Uint8Array(1e7).fill(1)) }' },
  {
    name: 'bytes, awaiting',
    code: `async () => { const all = []; for (;;) { all.push(new Uint8Array(1e7).fill(1)); ${nap} } }`,
  },
  { name: 'result with a getter', code: '() => ({ get endless() { for (;;) {} } })' },
  { name: 'result with toJSON', code: '() => ({ toJSON() { for (;;) {} } })' },
  { name: 'result with a Proxy', code: '() => new Proxy({}, { ownKeys() { for (;;) {} } })' },
  {
    name: 'result without an end',
    code: '() => { const deeper = () => new Proxy({}, { ownKeys: () => ["a"], get: deeper, getOwnPropertyDescriptor: () => ({ enumerable: true, configurable: true, value: 1 }) }); return deeper() }',
    statuses: [413, 422],
  },
  { name: 'giant result', code: `() => 'x'.repeat(5e8)`, statuses: [413, 422] },
  { name: 'wide result', code: '() => Array(3e8).fill(1)', statuses: [413, 422] },
  {
    name: 'deep result',
    code: '() => { let o = {}; for (let at = 0; at < 1e6; at++) o = { o }; return o }',
    statuses: [413, 422],
  },
  { name: 'string that doubles', code: `() => { let text = 'x'; for (;;) text += text }` },
  {
    name: 'strings',
    code: `() => { const all = []; let text = 'x'.repeat(1e6); for (;;) all.push((text += all.length)) }`,
  },
  { name: 'logs', code: `() => { for (;;) console.log('x') }` },
  {
    name: 'logs, awaiting',
    code: `async () => { for (;;) { console.log('x'.repeat(1e6)); ${nap} } }`,
    statuses: [408, 422],
  },
  { name: 'calls', code: 'async ($) => { for (;;) await $.Contact.find() }' },
  { name: 'calls whose refusal is caught', code: 'async ($) => { for (;;) try { await $.Contact.find() } catch {} }' },
  { name: 'calls that are not awaited', code: '($) => { for (;;) $.Contact.find() }' },
  {
    name: 'large calls',
    code: `async ($) => { for (;;) try { await $.Contact.create({ name: 'x'.repeat(3e7) }) } catch {} }`,
    statuses: [408, 413, 422],
  },
  { name: 'promises', code: '() => { const next = () => Promise.resolve().then(next); return next() }' },
  { name: 'promise that never resolves', code: '() => new Promise(() => {})' },
  {
    name: 'timers that outlive the run',
    code: '() => { setInterval(() => {}, 0); setTimeout(() => { for (;;) {} }, 50); return 1 }',
    statuses: [200],
  },
  {
    name: 'timers that keep the run',
    code: '() => new Promise(() => { setInterval(() => {}, 1) })',
    statuses: [408, 422],
  },
  {
    name: 'work in slices',
    code: `async () => { for (;;) { for (let at = 0; at < 3e7; at++); ${nap} } }`,
    statuses: [408, 422],
  },
  { name: 'recursion', code: '() => { const deeper = () => deeper() + 1; return deeper() }' },
]

const endedStatuses = [422]
/** The longest run takes 10 s; with others before it, it may wait for as long. */
const answerMsMax = 60_000

interface Innocent {
  readonly runs: number
  readonly failures: readonly string[]
  readonly slowestMs: number
}

export const endlessCode: Scenario = {
  name: 'endless-code',
  about: `${forms.length} forms of code that does not end or takes too much`,
  // Memory is compared with that of a server whose tenants run harmless code, since a server without any has no process
  // for it and has hardly begun to fill its caches.
  prepare: runHarmlessCode,
  async attack(target) {
    const innocent = runInnocentCode(target)
    const faults: string[] = []
    let slowestMs = 0
    for (const form of forms) {
      const { status, ms, detail } = await run(target, `attacker-${forms.indexOf(form)}`, form.code)
      slowestMs = Math.max(slowestMs, ms)
      target.log(`${form.name}: ${status} after ${(ms / 1_000).toFixed(1)} s, ${detail}`)
      if (!(form.statuses ?? endedStatuses).includes(status)) faults.push(`${form.name}: ${status} ${detail}`)
    }
    const refusedMs = await again(target, faults)
    const rounds = scaled(target, 3)
    for (let round = 0; round < rounds; round++) await allAtOnce(target, round, faults)
    const { runs, failures, slowestMs: innocentMs } = await innocent.stop()
    if (failures.length > 0)
      faults.push(`${failures.length} of ${runs} innocent runs failed, the first: ${failures[0]}`)
    if (target.printed().includes('restarting workerd')) faults.push('the server itself was restarted')
    if (faults.length > 0) throw new Error(faults.join('; '))
    return {
      forms: forms.length,
      slowestAnswer: `${(slowestMs / 1_000).toFixed(1)} s`,
      refusedAfter: `${refusedMs.toFixed(0)} ms`,
      innocentRuns: runs,
      slowestInnocentRun: `${(innocentMs / 1_000).toFixed(1)} s`,
    }
  },
}

async function runHarmlessCode(target: Target): Promise<void> {
  for (let time = 0; time < 10; time++) {
    await Promise.all(
      forms.map(async (_, at) => {
        const { status, detail } = await run(target, `attacker-${at}`, '($) => $.Contact.create({ name: "Ada" })')
        if (status !== 200) throw new Error(`harmless code: ${status} ${detail}`)
      }),
    )
  }
}

/** Code that has frozen a process is refused at once. */
async function again(target: Target, faults: string[]): Promise<number> {
  let slowestMs = 0
  for (let time = 0; time < 20; time++) {
    const { status, ms, detail } = await run(target, 'attacker-0', forms[0]?.code ?? '')
    slowestMs = Math.max(slowestMs, ms)
    if (status !== 422 || !detail.includes('is refused until')) faults.push(`the same loop again: ${status} ${detail}`)
  }
  return slowestMs
}

/** Tenants that have not attacked before, so that their code shares processes. */
async function allAtOnce(target: Target, round: number, faults: string[]): Promise<void> {
  const answers = await Promise.all(forms.map(({ code }, at) => run(target, `together-${round}-${at}`, code)))
  for (const [at, { status, detail }] of answers.entries()) {
    const { name = '', statuses = endedStatuses } = forms[at] ?? {}
    // Some wait for too long, and some share a process with others' loops after they have written.
    if (![...statuses, 503].includes(status)) faults.push(`${name}, together with the others: ${status} ${detail}`)
  }
}

function runInnocentCode(target: Target): { stop(): Promise<Innocent> } {
  let isStopping = false
  const work = (async (): Promise<Innocent> => {
    const failures: string[] = []
    let [runs, slowestMs] = [0, 0]
    while (!isStopping) {
      const { status, ms, detail } = await run(target, 'innocent', '($) => $.Contact.count()')
      runs++
      slowestMs = Math.max(slowestMs, ms)
      if (status !== 200 && status !== 503) failures.push(`${status} ${detail}`)
      await sleep(100)
    }
    return { runs, failures, slowestMs }
  })()
  return {
    stop: () => {
      isStopping = true
      return work
    },
  }
}

async function run(
  target: Target,
  tenant: string,
  code: string,
): Promise<{ readonly status: number; readonly ms: number; readonly detail: string }> {
  const startMs = performance.now()
  const answer = await fetch(`${target.url}/~${tenant}/do`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ code }),
    signal: AbortSignal.timeout(answerMsMax),
  })
  const text = await answer.text()
  const detail = /"detail":"((?:[^"\\]|\\.)*)"/.exec(text)?.[1] ?? text
  return { status: answer.status, ms: performance.now() - startMs, detail: detail.slice(0, 150) }
}
