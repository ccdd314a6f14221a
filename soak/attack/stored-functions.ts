// Stored functions that do not end, take too much, reach for the network or for others, or lead to each other without an end.
// Each write is answered, harmful functions are disabled with a reason, and nothing of another tenant changes.

import { sleep } from '../kill-server.ts'
import { type Scenario, scaled, type Target } from './scenario.ts'

interface Form {
  readonly name: string
  readonly source: string
  /** Whether it is disabled for what it does. */
  readonly isHarmful: boolean
}

const forms: readonly Form[] = [
  { name: 'loop', source: '() => { for (;;); }', isHarmful: true },
  { name: 'loop that awaits', source: 'async () => { for (;;) await null }', isHarmful: true },
  { name: 'regular expression', source: `() => { /^(a+)+$/.test('a'.repeat(50) + 'b') }`, isHarmful: true },
  { name: 'arrays', source: '() => { const all = []; for (;;) all.push(Array(1e5).fill(1)) }', isHarmful: true },
  {
    name: 'bytes',
    source: '() => { const all = []; for (;;) all.push(new Uint8Array(1e7).fill(1)) }',
    isHarmful: true,
  },
  { name: 'fetch', source: `async () => { await fetch('http://127.0.0.1/') }`, isHarmful: false },
  { name: 'code from text', source: `() => { new Function('return 1')() }`, isHarmful: false },
  { name: 'prototype', source: '(c) => { Object.prototype.leadScore = 1; return { name: c.name } }', isHarmful: false },
  { name: 'promise without end', source: '() => new Promise(() => {})', isHarmful: false },
  { name: 'giant result', source: `() => ({ name: 'x'.repeat(2e6) })`, isHarmful: false },
  { name: 'recursion', source: '() => { const deeper = () => deeper() + 1; return deeper() }', isHarmful: false },
  {
    name: '10,000 calls, each in the one before',
    source:
      'async (c, $) => { const deeper = (left) => (left === 0 ? 0 : $.Contact.count().then(() => deeper(left - 1))); await deeper(10_000) }',
    isHarmful: false,
  },
  {
    name: '10,000 calls at once',
    source: 'async (c, $) => { await Promise.all(Array.from({ length: 10_000 }, () => $.Contact.count())) }',
    isHarmful: false,
  },
  { name: 'a call of itself', source: `async (c, $) => { await $.functions.run('bad') }`, isHarmful: false },
  { name: 'many calls', source: 'async (c, $) => { for (;;) await $.Contact.count() }', isHarmful: false },
]

/** 201 if the function has changed or said nothing, 422 if it refused or failed, 503 if too many wait. */
const writeStatuses = [201, 422, 503]
const answerMsMax = 60_000
const cascadeMsMax = 60_000

export const storedFunctions: Scenario = {
  name: 'stored-functions',
  about: `${forms.length} stored functions that harm, and functions that lead to each other`,
  // As for code of `do`, memory is compared with that of a server whose processes for code have run.
  prepare: runHarmlessFunctions,
  async attack(target) {
    const faults: string[] = []
    let slowestMs = 0
    for (let round = 0; round < scaled(target, 3); round++)
      for (const [at, form] of forms.entries()) {
        const ms = await attackWith(target, { form, tenant: `functions-${round}-${at}`, faults })
        slowestMs = Math.max(slowestMs, ms)
      }
    const cascaded = await cascade(target, faults)
    if (target.printed().includes('restarting workerd')) faults.push('the server itself was restarted')
    if (faults.length > 0) throw new Error(faults.join('; '))
    return { forms: forms.length, slowestWrite: `${(slowestMs / 1_000).toFixed(1)} s`, cascaded }
  },
}

async function runHarmlessFunctions(target: Target): Promise<void> {
  for (const at of forms.keys()) {
    const tenant = `harmless-${at}`
    const source = '(contact) => ({ leadScore: contact.name.length })'
    await ask(target, `PUT /~${tenant}/functions/score`, { on: 'Contact.creating', source })
    for (let time = 0; time < 10; time++) await ask(target, `POST /~${tenant}/Contact`, { name: 'Ada' })
  }
}

async function attackWith(
  target: Target,
  { form, tenant, faults }: { readonly form: Form; readonly tenant: string; readonly faults: string[] },
): Promise<number> {
  const { name, source, isHarmful } = form
  const stored = await ask(target, `PUT /~${tenant}/functions/bad`, { on: 'Contact.creating', source })
  if (stored.status !== 201) faults.push(`${name}: storing it answered ${stored.status} ${stored.text}`)
  const startMs = performance.now()
  const made = await ask(target, `POST /~${tenant}/Contact`, { name: 'Ada' })
  const ms = performance.now() - startMs
  target.log(`${name}: ${made.status} after ${(ms / 1_000).toFixed(1)} s`)
  if (!writeStatuses.includes(made.status)) faults.push(`${name}: a write answered ${made.status} ${made.text}`)
  const { text } = await ask(target, `GET /~${tenant}/functions/bad`)
  const isDisabled = text.includes('"status":"Disabled"') && text.includes('"reason":')
  if (isHarmful !== isDisabled) faults.push(`${name}: ${isDisabled ? 'disabled' : 'not disabled'}`)
  const other = await ask(target, `POST /~${tenant}-other/Contact`, { name: 'Grace' })
  if (other.status !== 201 || other.text.includes('leadScore')) faults.push(`${name}: another tenant got ${other.text}`)
  return ms
}

/** Each contact leads to ten more, which would be 10,000 at the fourth level. */
async function cascade(target: Target, faults: string[]): Promise<string> {
  const source = `async (c, $) => {
    await Promise.all(Array.from({ length: 10 }, (_, at) => $.Contact.create({ name: c.name + at })))
  }`
  await ask(target, 'PUT /~cascade/functions/more', { on: 'Contact.created', source })
  await ask(target, 'POST /~cascade/Contact', { name: 'a' })
  const endMs = Date.now() + cascadeMsMax
  while (Date.now() < endMs) {
    const { text } = await ask(target, 'GET /~cascade/functions/more')
    if (text.includes('"status":"Disabled"')) {
      const { text: counted } = await ask(target, 'GET /~cascade/Contact/count?strong=true')
      return `disabled at ${counted}`
    }
    await sleep(500)
  }
  faults.push('a cascade was not disabled')
  return 'never'
}

/** `what` is the method and the path. */
async function ask(
  target: Target,
  what: string,
  body?: object,
): Promise<{ readonly status: number; readonly text: string }> {
  const [method = '', path = ''] = what.split(' ')
  const answer = await fetch(target.url + path, {
    method,
    headers: { 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(answerMsMax),
  })
  return { status: answer.status, text: (await answer.text()).slice(0, 1_000) }
}
