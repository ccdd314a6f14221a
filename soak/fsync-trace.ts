// A killed process keeps its page cache, so surviving SIGKILL says nothing about a power cut. This traces the system
// calls of the server while it takes writes, and shows that no answer leaves before what it answers for was written to
// the log of its database and that was flushed to the disk. Needs strace.
//
//   npm run soak:trace

import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startServer } from '../apps/headless.ly/src/embedded/launcher.ts'

export interface TraceSummary {
  readonly answers: number
  readonly databaseWrites: number
  readonly flushes: number
}

/** Whether this machine can trace. */
export function canTrace(): boolean {
  return spawnSync('strace', ['-V'], { stdio: 'ignore' }).status === 0
}

/** Throws when an answer precedes its flush. Writes one after another, so that each answer has a flush of its own. */
export async function traceWrites(writes: number): Promise<TraceSummary> {
  const folder = mkdtempSync(join(tmpdir(), 'headlessly-trace-'))
  const server = await startServer({ dataFolder: join(folder, 'data'), port: 0 })
  try {
    await create(server.url, 'before')
    const file = join(folder, 'trace')
    const calls = 'pwrite64,pwritev,pwritev2,write,writev,sendto,sendmsg,fsync,fdatasync'
    const tracer = spawn(
      'strace',
      ['-f', '-y', '-s', '32', '-e', `trace=${calls}`, '-o', file, '-p', String(server.pid())],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    )
    await attached(tracer)
    for (let count = 0; count < writes; count++) await create(server.url, `traced ${count}`)
    tracer.kill('SIGINT')
    await new Promise((resolve) => tracer.once('exit', resolve))
    return judge(readFileSync(file, 'utf8').split('\n'), writes)
  } finally {
    await server.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

function attached(tracer: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    tracer.stderr?.setEncoding('utf8').on('data', (text: string) => (text.includes('attached') ? resolve() : undefined))
    tracer.once('exit', () => reject(new Error('strace ended before it was attached')))
  })
}

async function create(url: string, name: string): Promise<void> {
  const answer = await fetch(`${url}/~trace/Contact`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name }),
  })
  if (answer.status !== 201) throw new Error(`status ${answer.status}: ${await answer.text()}`)
  await answer.arrayBuffer()
}

/** Between one answer and the next there must be a write to a database and then a flush of it, with no write after that. */
export function judge(lines: readonly string[], writes: number): TraceSummary {
  let [answers, databaseWrites, flushes] = [0, 0, 0]
  let state: 'nothing' | 'written' | 'flushed' = 'nothing'
  for (const line of lines) {
    if (/\bpwrite(?:64|v|v2)\(\d+<[^>]*\.sqlite[^>]*>/.test(line)) {
      databaseWrites += 1
      state = 'written'
    } else if (/\bf(?:data)?sync\(\d+<[^>]*\.sqlite[^>]*>/.test(line)) {
      flushes += 1
      if (state === 'written') state = 'flushed'
    } else if (line.includes('HTTP/1.1 201')) {
      answers += 1
      if (state !== 'flushed') throw new Error(`answer ${answers} left when its write was ${state}: ${line}`)
      state = 'nothing'
    }
  }
  if (answers !== writes) throw new Error(`expected ${writes} answers in the trace, found ${answers}`)
  return { answers, databaseWrites, flushes }
}

if (import.meta.main) {
  if (!canTrace()) throw new Error('strace is not installed')
  console.log(`no answer precedes its flush: ${JSON.stringify(await traceWrites(200))}`)
}
