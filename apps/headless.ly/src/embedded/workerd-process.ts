// A run of the workerd binary, from start to end.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { dirname } from 'node:path'
import type { Readable } from 'node:stream'
import { figuresOf, looksWith } from './hold-ups.ts'
import { guardWorkerd } from './workerd-guard.ts'

/** The binary for this machine. The package is CommonJS, which bundlers and loaders import in different ways. */
const { default: workerdPath } = createRequire(import.meta.url)('workerd') as { readonly default: string }

export interface WorkerdProcess {
  readonly pid: number
  readonly port: number
  /** Resolves when the process has ended, for any reason. */
  readonly ended: Promise<void>
  /** Sends SIGTERM, then SIGKILL if the process does not end: open streams keep it alive. */
  stop(): Promise<void>
  kill(): void
}

/** Time for a start, in which the process could run; on a busy machine it may wait for its processor or disk much longer. */
const startTimeoutMs = 15_000
const heldUpMsMax = 120_000
const lookIntervalMs = 500
const stopTimeoutMs = 3_000
/** Characters of the last output to keep for the error message of a failed start. */
const outputKept = 4_000

/** Resolves once workerd listens. Rejects with its output if it ends before that. */
export async function startWorkerd(options: {
  /** Its folder is removed if this process dies without stopping workerd. */
  readonly configFile: string
  readonly log: (line: string) => void
  /** Receives what workerd prints to stderr, as it arrives. */
  readonly printed?: (text: string) => void
  /** The descriptor of a lock that workerd is to hold as well. */
  readonly lock?: number | undefined
}): Promise<WorkerdProcess> {
  const child = spawn(workerdPath, ['serve', '--experimental', '--control-fd=3', options.configFile], {
    stdio: ['ignore', 'pipe', 'pipe', 'pipe', options.lock ?? 'ignore'],
  })
  const guard =
    child.pid === undefined ? undefined : guardWorkerd({ pid: child.pid, runFolder: dirname(options.configFile) })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      output = (output + text).slice(-outputKept)
      options.log(text.trimEnd())
    })
  }
  child.stderr?.on('data', (text: string) => options.printed?.(text))
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve())
    child.once('error', () => resolve())
  }).then(() => guard?.dismiss())
  const port = await listening(child, { ended, output: () => output })
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

async function listening(
  child: ChildProcess,
  { ended, output }: { readonly ended: Promise<void>; readonly output: () => string },
): Promise<number> {
  const control = child.stdio[3] as Readable
  const look = looksWith({ figures: figuresOf, now: () => performance.now() })(child.pid ?? 0)
  let timer: NodeJS.Timeout | undefined
  const timedOut = new Promise<never>((_, reject) => {
    let [ownMs, wholeMs] = [0, 0]
    timer = setInterval(() => {
      const { elapsedMs, isHeldUp } = look()
      wholeMs += elapsedMs
      // A single long look, as after a pause of the whole machine, says little.
      if (!isHeldUp) ownMs += Math.min(elapsedMs, 2 * lookIntervalMs)
      if (ownMs < startTimeoutMs && wholeMs < heldUpMsMax) return
      reject(new Error(`workerd did not listen within ${Math.round(wholeMs)} ms: ${output()}`))
    }, lookIntervalMs)
  })
  const gone = ended.then(() => {
    throw new Error(`workerd ended before it listened: ${output()}`)
  })
  try {
    return await Promise.race([readPort(control), gone, timedOut])
  } catch (error) {
    child.kill('SIGKILL')
    throw error
  } finally {
    clearInterval(timer)
    gone.catch(() => {})
  }
}

/** Reads workerd's reports, one per line: `{"event":"listen","socket":"http","port":8787}`. */
async function readPort(control: Readable): Promise<number> {
  control.setEncoding('utf8')
  let text = ''
  for (;;) {
    const [chunk] = (await once(control, 'data')) as [string]
    text += chunk
    const port = /"event":\s*"listen","socket":\s*"http","port":\s*(\d+)/.exec(text)?.[1]
    if (port !== undefined) return Number(port)
  }
}
