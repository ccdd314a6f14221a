// Runs concurrent clients against one tenant and checks that what they saw is strictly serializable: a single order of
// all operations explains every answer and places each operation between its start and end, by the clients' clock.
//
//   node soak/history.ts --base http://localhost:8787 --seconds 10 --clients 12

import { parseArgs } from 'node:util'
import { seededRandom } from '@dotdo/db'
import { linearize, type Operation } from './linearize.ts'
import { type Input, type Register, registerModel, type Result } from './register-model.ts'

export interface HistoryOptions {
  readonly baseUrl: string
  readonly clients: number
  readonly seconds: number
  readonly seed: number
}

const registers = 4

/** Returns the number of operations. Throws if no order explains the history. */
export async function checkHistory(options: HistoryOptions): Promise<number> {
  const { baseUrl, clients, seconds, seed } = options
  const url = `${baseUrl}/~history${Date.now().toString(36)}`
  const ids: string[] = []
  for (let at = 0; at < registers; at++) {
    const { $id } = (await call(url, 'POST /Contact', { body: { name: `register ${at}`, leadScore: 0 } })).body as {
      $id: string
    }
    ids.push($id)
  }
  const history: Operation<Input, Result>[] = []
  const end = performance.now() + seconds * 1_000
  await Promise.all(
    Array.from({ length: clients }, (_, client) =>
      run({ url, ids, history, end, random: seededRandom(seed + client), client }),
    ),
  )
  const verdict = linearize(history, registerModel(registers))
  if (!verdict.isLinearizable)
    throw new Error(`seed ${seed}: no order explains ${JSON.stringify(verdict)} of ${history.length} operations`)
  return history.length
}

interface Run {
  readonly url: string
  readonly ids: readonly string[]
  readonly history: Operation<Input, Result>[]
  readonly end: number
  readonly random: () => number
  readonly client: number
}

async function run(options: Run): Promise<void> {
  const { history, end, random, client } = options
  let seen: Register | undefined
  let seenAt = 0
  for (let count = 1; performance.now() < end; count++) {
    const at = Math.floor(random() * registers)
    const score = count * 1_000 + client
    const dice = random()
    const input: Input =
      dice < 0.3
        ? { kind: 'get', at }
        : dice < 0.5
          ? { kind: 'list' }
          : dice < 0.8 || seen === undefined
            ? { kind: 'set', at, score }
            : { kind: 'setIf', at: seenAt, score, version: seen.version }
    const start = performance.now()
    const result = await perform(options, input)
    history.push({ start, end: performance.now(), input, result })
    if (input.kind !== 'list' && result !== 'refused') [seen, seenAt] = [result[0], input.at]
  }
}

async function perform({ url, ids }: Run, input: Input): Promise<Result> {
  switch (input.kind) {
    case 'get':
      return [toRegister((await call(url, `GET /Contact/${ids[input.at]}?strong=true`)).body)]
    case 'list': {
      const { results } = (await call(url, 'GET /Contact?strong=true&sort=name')).body as { results: unknown[] }
      return results.map(toRegister)
    }
    case 'set':
      return [
        toRegister((await call(url, `PATCH /Contact/${ids[input.at]}`, { body: { leadScore: input.score } })).body),
      ]
    case 'setIf': {
      const { status, body } = await call(url, `PATCH /Contact/${ids[input.at]}`, {
        body: { leadScore: input.score },
        headers: { 'if-match': `"${input.version}"` },
      })
      return status === 412 ? 'refused' : [toRegister(body)]
    }
    default:
      throw new Error(`unexpected operation: ${JSON.stringify(input)}`)
  }
}

function toRegister(body: unknown): Register {
  const { $version, leadScore } = body as { $version: number; leadScore: number }
  return { version: $version, score: leadScore }
}

/** `route` is a method and a path below the tenant: `POST /Contact`. */
async function call(
  url: string,
  route: string,
  { body, headers = {} }: { readonly body?: object; readonly headers?: Readonly<Record<string, string>> } = {},
): Promise<{ status: number; body: unknown }> {
  const [method = '', path = ''] = route.split(' ', 2)
  const answer = await fetch(url + path, {
    method,
    headers: { 'content-type': 'application/json', ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const value: unknown = await answer.json()
  if (!answer.ok && answer.status !== 412) throw new Error(`${method} ${path}: ${JSON.stringify(value)}`)
  return { status: answer.status, body: value }
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      base: { type: 'string', default: 'http://localhost:8787' },
      seconds: { type: 'string', default: '10' },
      clients: { type: 'string', default: '12' },
      seed: { type: 'string' },
    },
  })
  const seed = Number(values.seed ?? Date.now() % 1_000_000)
  const count = await checkHistory({
    baseUrl: values.base,
    seconds: Number(values.seconds),
    clients: Number(values.clients),
    seed,
  })
  console.log(`seed ${seed}: one order explains all ${count} operations`)
}
