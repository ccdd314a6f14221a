// Sends the same read many times at once, each over its own connection, and checks that the server answers every one of
// them, or refuses it with a time to try again, in the same process.

import { request } from 'node:http'
import { performance } from 'node:perf_hooks'
import type { Target } from './scenario.ts'

const answerLimitMs = 120_000

interface Reply {
  readonly status: number
  readonly retryAfter: string | undefined
  readonly code: string
  readonly bytes: number
  readonly ms: number
}

interface Wave {
  readonly path: string
  readonly count: number
  /** Waves follow each other for this long; by default there is one. */
  readonly wavesMs?: number
}

interface Figures {
  readonly answered: number
  readonly refused: number
  readonly lost: number
  readonly slowestAnswerMs: number
  readonly megabytes: number
}

export async function checkParallelReads(
  target: Target,
  wave: Wave,
): Promise<Readonly<Record<string, string | number>>> {
  const waves: Figures[] = []
  const start = performance.now()
  do waves.push(await checkWave(target, wave))
  while (performance.now() - start < (wave.wavesMs ?? 0))
  const sum = (name: keyof Figures): number => waves.reduce((total, figures) => total + figures[name], 0)
  return {
    waves: waves.length,
    answered: sum('answered'),
    refused: sum('refused'),
    lost: sum('lost'),
    slowestAnswerMs: Math.max(...waves.map(({ slowestAnswerMs }) => slowestAnswerMs)),
    megabytes: sum('megabytes'),
  }
}

async function checkWave(target: Target, { path, count }: Wave): Promise<Figures> {
  const processes = target.processes().join()
  const replies = await Promise.all(Array.from({ length: count }, () => readOnce(target.port, path)))
  const of = (status: number): readonly Reply[] => replies.filter((reply) => reply.status === status)
  const answered = of(200)
  const refused = of(503)
  const figures = {
    answered: answered.length,
    refused: refused.length,
    lost: of(0).length,
    slowestAnswerMs: Math.round(Math.max(0, ...answered.map(({ ms }) => ms))),
    megabytes: Math.round(answered.reduce((sum, { bytes }) => sum + bytes, 0) / 2 ** 20),
  }
  target.log(JSON.stringify(figures))
  const wrong = replies.find(({ status }) => status !== 200 && status !== 503)
  if (wrong !== undefined) throw new Error(`a read got ${wrong.status} ${wrong.code} after ${Math.round(wrong.ms)} ms`)
  const bare = refused.find(({ code, retryAfter }) => code !== 'overloaded' || !/^[1-9]\d*$/.test(retryAfter ?? ''))
  if (bare !== undefined) throw new Error(`a 503 has the code '${bare.code}' and Retry-After '${bare.retryAfter}'`)
  if (answered.length === 0) throw new Error('no read was answered')
  if (target.processes().join() !== processes) throw new Error(`the server was restarted: ${target.printed()}`)
  return figures
}

/** Status 0 stands for a lost connection. */
function readOnce(port: number, path: string): Promise<Reply> {
  const start = performance.now()
  return new Promise((resolve) => {
    const finish = (status: number, reply: Partial<Reply> = {}): void =>
      resolve({ status, retryAfter: undefined, code: '', bytes: 0, ms: performance.now() - start, ...reply })
    const sent = request({ port, path, host: '127.0.0.1', agent: false, timeout: answerLimitMs }, (answer) => {
      let bytes = 0
      let text = ''
      answer.on('data', (chunk: Buffer) => {
        bytes += chunk.length
        if (answer.statusCode !== 200) text += chunk.toString()
      })
      answer.on('error', (error) => finish(0, { code: error.message }))
      answer.on('end', () => {
        const code = /"code":"(\w+)"/.exec(text)?.[1] ?? ''
        finish(answer.statusCode ?? 0, { retryAfter: answer.headers['retry-after'], code, bytes })
      })
    })
    sent.on('timeout', () => sent.destroy(new Error(`no answer within ${answerLimitMs} ms`)))
    sent.on('error', (error) => finish(0, { code: error.message }))
    sent.end()
  })
}
