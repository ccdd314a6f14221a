// Shows that writes survive a power failure. SIGKILL cannot show that, since the page cache survives it. This traces the
// server's system calls during writes and checks that no answer is sent before its write is in the database's log and
// the log is flushed to disk. Needs strace.
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

/** Whether strace is installed. */
export function canTrace(): boolean {
  return spawnSync('strace', ['-V'], { stdio: 'ignore' }).status === 0
}

/** Throws if an answer precedes its flush. Writes sequentially, so that each answer has its own flush. */
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
    tracer.once('exit', () => reject(new Error('strace ended before it attached')))
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

/** Before each answer there must be a write to a database and then a flush, with no write between flush and answer. */
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
      if (state !== 'flushed') throw new Error(`answer ${answers} was sent while its write was ${state}: ${line}`)
      state = 'nothing'
    }
  }
  if (answers !== writes) throw new Error(`expected ${writes} answers in the trace, found ${answers}`)
  return { answers, databaseWrites, flushes }
}

if (import.meta.main) {
  if (!canTrace()) throw new Error('strace is not installed')
  console.log(`every answer follows its flush: ${JSON.stringify(await traceWrites(200))}`)
}
