// One run of the workerd binary, from its start to its end.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import type { Readable } from 'node:stream'

/** The binary for this machine. The package is CommonJS, which every bundler and loader reads in a way of its own. */
const { default: workerdPath } = createRequire(import.meta.url)('workerd') as { readonly default: string }

export interface WorkerdProcess {
  readonly pid: number
  readonly port: number
  /** Resolves when it has ended, for whatever reason. */
  readonly ended: Promise<void>
  /** SIGTERM, and SIGKILL when it does not end by itself: an open stream keeps it from that. */
  stop(): Promise<void>
  kill(): void
}

const startTimeoutMs = 15_000
const stopTimeoutMs = 3_000
/** Of what it last printed, for the sentence when it does not start. */
const outputKept = 4_000

/** Resolves when it listens; rejects with what it printed when it ends before. */
export async function startWorkerd(options: {
  readonly configFile: string
  readonly log: (line: string) => void
}): Promise<WorkerdProcess> {
  const child = spawn(workerdPath, ['serve', '--experimental', '--control-fd=3', options.configFile], {
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      output = (output + text).slice(-outputKept)
      options.log(text.trimEnd())
    })
  }
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve())
    child.once('error', () => resolve())
  })
  const port = await listening(child, ended, () => output)
  return {
    pid: child.pid ?? 0,
    port,
    ended,
    kill: () => void child.kill('SIGKILL'),
    stop: async () => {
      child.kill('SIGTERM')
      const timer = setTimeout(() => child.kill('SIGKILL'), stopTimeoutMs)
      await ended
      clearTimeout(timer)
    },
  }
}

async function listening(child: ChildProcess, ended: Promise<void>, output: () => string): Promise<number> {
  const control = child.stdio[3] as Readable
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`workerd did not listen within ${startTimeoutMs} ms: ${output()}`)),
      startTimeoutMs,
    )
  })
  const gone = ended.then(() => {
    throw new Error(`workerd ended before it listened: ${output()}`)
  })
  try {
    return await Promise.race([readPort(control), gone, late])
  } catch (error) {
    child.kill('SIGKILL')
    throw error
  } finally {
    clearTimeout(timer)
    gone.catch(() => {})
  }
}

/** workerd reports `{"event":"listen","socket":"http","port":8787}`, a line each. */
async function readPort(control: Readable): Promise<number> {
  control.setEncoding('utf8')
  let text = ''
  for (;;) {
    const [chunk] = (await once(control, 'data')) as [string]
    text += chunk
    const port = /"event":\s*"listen"[^}]*"port":\s*(\d+)/.exec(text)?.[1]
    if (port !== undefined) return Number(port)
  }
}
