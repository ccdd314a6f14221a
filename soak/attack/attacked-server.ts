// The shipped server as a process of its own, as a user starts it, with what it printed and the memory it holds.

import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { sleep } from '../kill-server.ts'

const program = resolve(import.meta.dirname, '../../apps/headless.ly/bin/serve.js')
const startMs = 60_000
const printedMax = 2 ** 20

export interface AttackedServer {
  readonly url: string
  readonly port: number
  readonly processes: () => readonly number[]
  readonly printed: () => string
  /** Bytes of memory that all its processes hold. */
  readonly residentBytes: () => number
  readonly stop: () => Promise<void>
}

export async function startAttackedServer(
  dataFolder: string,
  serverArguments: readonly string[],
  descriptorsMax?: number,
): Promise<AttackedServer> {
  const port = 20_000 + Math.floor(Math.random() * 20_000)
  const words = [process.execPath, program, '--port', String(port), '--data', dataFolder, ...serverArguments]
  // Sets the hard limit too, so that the server cannot raise it.
  const limit = descriptorsMax === undefined ? '' : `ulimit -n ${descriptorsMax}; `
  const child = spawn('sh', ['-c', `${limit}exec "$0" "$@"`, ...words], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let text = ''
  const keep = (chunk: Buffer): void => {
    text = `${text}${chunk.toString()}`.slice(-printedMax)
  }
  child.stdout.on('data', keep)
  child.stderr.on('data', keep)
  const url = `http://127.0.0.1:${port}`
  await waitUntilUp(url, () => text)
  const processes = (): readonly number[] => descendants(child.pid ?? 0)
  return {
    url,
    port,
    processes,
    printed: () => text,
    residentBytes: () => processes().reduce((sum, pid) => sum + residentBytesOf(pid), 0),
    stop: () => end(child),
  }
}

async function waitUntilUp(url: string, printed: () => string): Promise<void> {
  const deadline = Date.now() + startMs
  for (;;) {
    const isUp = await fetch(`${url}/health`).then(
      (answer) => answer.ok,
      () => false,
    )
    if (isUp) return
    if (Date.now() > deadline) throw new Error(`the server did not start: ${printed()}`)
    await sleep(20)
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGTERM')
  await ended
}

/** A process and all below it. */
function descendants(pid: number): number[] {
  const rows = execFileSync('ps', ['-eo', 'pid=,ppid='], { encoding: 'utf8' })
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number))
  const found = [pid]
  for (let at = 0; at < found.length; at++)
    for (const [child, parent] of rows) if (parent === found[at] && child !== undefined) found.push(child)
  return found
}

function residentBytesOf(pid: number): number {
  try {
    const line = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))
    return Number(line?.[1] ?? 0) * 1_024
  } catch {
    return 0
  }
}
