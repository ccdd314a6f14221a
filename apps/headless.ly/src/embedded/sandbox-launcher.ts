// The launcher's side of running code: two processes, started and ended at the server's request over a unix socket.

import { writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import type { RunFolder } from './run-folder.ts'
import { formatSandboxConfig } from './sandbox-config.ts'
import { SandboxProcess, type SandboxRun } from './sandbox-process.ts'
import type { WorkerdProcess } from './workerd-process.ts'
import { listenOnSocket } from './listen-on-socket.ts'

export interface SandboxLauncherOptions {
  readonly runFolder: RunFolder
  /** The bundle of the Worker that runs code. */
  readonly worker: Buffer
  readonly startWorkerd: (options: {
    readonly configFile: string
    readonly log: (line: string) => void
  }) => Promise<WorkerdProcess>
  readonly log: (line: string) => void
  readonly warn: (line: string) => void
}

export interface SandboxSockets {
  readonly launcher: string
  /** One for each process. */
  readonly processes: readonly string[]
}

export interface SandboxLauncher {
  /** The ids of the processes that run at present. */
  pids(): readonly number[]
  stop(): Promise<void>
}

const processNames = ['a', 'b'] as const

/** Names are short, since systems limit a socket's path to 104 bytes. */
export function sandboxSockets(runFolder: string): SandboxSockets {
  return {
    launcher: join(runFolder, 'do.sock'),
    processes: processNames.map((name) => join(runFolder, `do-${name}.sock`)),
  }
}

/**
 * `POST /start?process=0` answers 204 once the process listens, or 503 with the reason. `/end?process=0&generation=1`
 * answers with the reason for which that one ended; `/restart?process=0` lets the next run start a new one.
 */
export async function serveSandboxes(options: SandboxLauncherOptions): Promise<SandboxLauncher> {
  const { runFolder, warn } = options
  const sockets = sandboxSockets(runFolder.path)
  const processes = sockets.processes.map(
    (socketFile, index) =>
      new SandboxProcess({ socketFile, warn, start: (generation) => startSandbox(options, { index, generation }) }),
  )
  const server = createServer((request, response) => {
    const answer = (status: number, text = ''): void => {
      response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(text)
    }
    request.resume()
    obey(processes, new URL(request.url ?? '/', 'http://launcher')).then(
      (text) => answer(text === undefined ? 404 : 200, text),
      (error: unknown) => answer(503, error instanceof Error ? error.message : String(error)),
    )
  })
  const listening = await listenOnSocket(server, sockets.launcher)
  return {
    pids: () => processes.flatMap(({ pid }) => pid ?? []),
    stop: async () => {
      await listening.stop()
      await Promise.all(processes.map((process) => process.stop()))
    },
  }
}

async function obey(processes: readonly SandboxProcess[], url: URL): Promise<string | undefined> {
  const process = processes[Number(url.searchParams.get('process'))]
  if (process === undefined) return undefined
  switch (url.pathname) {
    case '/start':
      await process.start()
      return ''
    case '/end':
      return process.endOf(url.searchParams.get('generation') ?? '')
    case '/restart':
      await process.stop()
      return ''
    default:
      return undefined
  }
}

async function startSandbox(
  { runFolder, worker, startWorkerd, log }: SandboxLauncherOptions,
  { index, generation }: { readonly index: number; readonly generation: string },
): Promise<SandboxRun> {
  const socketFile = sandboxSockets(runFolder.path).processes[index] ?? ''
  const configFile = join(runFolder.path, `do-${processNames[index]}.capnp`)
  runFolder.ensure()
  writeFileSync(join(runFolder.path, 'sandbox.js'), worker)
  writeFileSync(configFile, formatSandboxConfig({ socketFile, generation }))
  let ranOutOfMemory = false
  const workerd = await startWorkerd({
    configFile,
    log: (line) => {
      ranOutOfMemory ||= /out of memory/i.test(line)
      log(line)
    },
  })
  return { ...workerd, ranOutOfMemory: () => ranOutOfMemory }
}
