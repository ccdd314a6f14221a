// Starts the Worker under `wrangler dev`, offline and without an account, with its state in a folder of the test.

import { type ChildProcess, spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type { Server } from '../src/embedded/launcher.ts'

const root = join(import.meta.dirname, '../../..')
const wrangler = join(dirname(createRequire(import.meta.url).resolve('wrangler/package.json')), 'bin/wrangler.js')
const startTimeoutMs = 50_000
const stopTimeoutMs = 5_000
/** Characters of the last output to keep for the error message of a failed start. */
const outputKept = 4_000

/** Calls nobody: no telemetry, no error reports, no update check, and a placeholder for `request.cf`. */
const offline = {
  CI: '1',
  WRANGLER_SEND_METRICS: 'false',
  WRANGLER_SEND_ERROR_REPORTS: 'false',
  WRANGLER_HIDE_BANNER: 'true',
  CLOUDFLARE_CF_FETCH_ENABLED: 'false',
}

/** Resolves once wrangler listens on a free port. */
export async function startWranglerDev(folder: string): Promise<Server> {
  const settings = {
    config: 'apps/headless.ly/wrangler.jsonc',
    ip: '127.0.0.1',
    port: '0',
    'inspector-port': '0',
    'persist-to': folder,
    var: 'LAKE_SECRET:0123456789abcdef0123456789abcdef',
    'show-interactive-dev-session': 'false',
  }
  const options = Object.entries(settings).map(([name, value]) => `--${name}=${value}`)
  const child = spawn(process.execPath, [wrangler, 'dev', '--local', ...options], {
    cwd: root,
    // A group of its own, so that its workerd and esbuild end with it.
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      ...offline,
      WRANGLER_LOG_PATH: join(folder, 'logs'),
      // Bundles the packages' sources, which need no build.
      WRANGLER_BUILD_CONDITIONS: 'source,workerd,worker,browser',
    },
  })
  const killWithParent = (): void => endGroup(child, 'SIGKILL')
  process.once('exit', killWithParent)
  const ended = new Promise<void>((resolve) => void child.once('exit', () => resolve()))
  const stop = async (): Promise<void> => {
    endGroup(child, 'SIGTERM')
    const timer = setTimeout(() => endGroup(child, 'SIGKILL'), stopTimeoutMs)
    await ended
    clearTimeout(timer)
    // Children may outlive wrangler.
    endGroup(child, 'SIGKILL')
    process.off('exit', killWithParent)
  }
  try {
    const port = await listening(child, ended)
    return {
      url: `http://localhost:${port}`,
      port,
      pid: () => child.pid ?? 0,
      sandboxPids: () => [],
      thumbnailPid: () => undefined,
      ended,
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}

async function listening(child: ChildProcess, ended: Promise<void>): Promise<number> {
  let output = ''
  return new Promise((resolve, reject) => {
    const fail = (what: string): void => reject(new Error(`wrangler dev ${what}: ${output}`))
    const timer = setTimeout(() => fail(`did not listen within ${startTimeoutMs} ms`), startTimeoutMs)
    void ended.then(() => fail('ended'))
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        output = (output + text).slice(-outputKept)
        const [, port] = /Ready on http:\/\/[^\s:]+:(\d+)/.exec(output) ?? []
        if (port === undefined) return
        clearTimeout(timer)
        resolve(Number(port))
      })
    }
  })
}

/** Does nothing if all of them have ended. */
function endGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, signal)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
  }
}
