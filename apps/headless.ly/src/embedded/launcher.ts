// The embedded server: workerd on this machine, with its data in a folder, bound to loopback.

import { copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { lockDataFolder } from './data-lock.ts'
import { serveDiskSync } from './disk-sync.ts'
import { readOrMakeLakeSecret } from './lake-secret.ts'
import { placeSyncSocket } from './sync-socket.ts'
import { watch } from './watchdog.ts'
import { formatWorkerdConfig } from './workerd-config.ts'
import { startWorkerd } from './workerd-process.ts'

export interface ServerOptions {
  /** Created if missing. */
  readonly dataFolder: string
  /** 0 takes any free port. */
  readonly port: number
  /** Flush settings as JSON: `{"intervalMs":1000}`. The Worker reports invalid settings at `/health`. */
  readonly flush?: string
  /** The Worker's bundle; by default the one built with this program. */
  readonly workerFile?: string
  /** Receives the lines that workerd prints. */
  readonly log?: (line: string) => void
  /** Receives a line for each restart of workerd and its reason. */
  readonly warn?: (line: string) => void
}

export interface Server {
  readonly url: string
  readonly port: number
  /** The process id of the present workerd. */
  pid(): number
  /** Resolves after `stop`. Rejects if workerd could not be kept running. */
  readonly ended: Promise<void>
  stop(): Promise<void>
}

const probeTimeoutMs = 2_000

/** Resolves once the server answers. Throws if the folder is in use or the port is taken. */
export async function startServer(options: ServerOptions): Promise<Server> {
  const { log = () => {}, warn = () => {} } = options
  const dataFolder = resolve(options.dataFolder)
  const [objectsFolder, lakeFolder] = [join(dataFolder, 'objects'), join(dataFolder, 'lake')]
  const runFolder = join(dataFolder, 'run')
  for (const folder of [dataFolder, objectsFolder, lakeFolder, runFolder]) mkdirSync(folder, { recursive: true })
  const lock = lockDataFolder(dataFolder)
  const undo: (() => void | Promise<void>)[] = [() => lock.release()]
  const release = async (): Promise<void> => {
    for (const step of undo.toReversed()) await step()
  }
  try {
    const configFile = join(runFolder, 'config.capnp')
    const variables = {
      LAKE_SECRET: readOrMakeLakeSecret(dataFolder),
      ...(options.flush === undefined ? {} : { FLUSH_SETTINGS: options.flush }),
    }
    copyFileSync(options.workerFile ?? join(import.meta.dirname, bundledWorker), join(runFolder, 'worker.js'))
    const socket = placeSyncSocket(runFolder)
    undo.push(() => socket.remove())
    const diskSync = await serveDiskSync({ lakeFolder, socketFile: socket.file })
    undo.push(() => diskSync.stop())
    const start = async (port: number): ReturnType<typeof startWorkerd> => {
      const folders = { objectsFolder, lakeFolder, syncSocketFile: socket.file }
      // The file holds the secret. Delete it first: the mode that restricts it to its owner applies to new files only.
      rmSync(configFile, { force: true })
      writeFileSync(configFile, formatWorkerdConfig({ ...folders, port, variables }), { mode: 0o600 })
      const workerd = await startWorkerd({ configFile, log })
      lock.setWorkerd(workerd.pid)
      return workerd
    }
    const watchdog = await watch({ start, isHealthy, warn, port: options.port })
    return {
      url: `http://localhost:${watchdog.port}`,
      port: watchdog.port,
      pid: () => watchdog.pid(),
      ended: watchdog.ended,
      stop: async () => {
        await watchdog.stop()
        await release()
      },
    }
  } catch (error) {
    await release()
    throw error
  }
}

/** The bundled launcher has the Worker beside it; the sources find it in `dist`. */
const bundledWorker = import.meta.filename.endsWith('.ts') ? '../../dist/worker.js' : 'worker.js'

async function isHealthy(port: number): Promise<boolean> {
  try {
    const answer = await fetch(`http://127.0.0.1:${port}/health`, { signal: AbortSignal.timeout(probeTimeoutMs) })
    return answer.ok
  } catch {
    // Refused, reset or timed out: in each case workerd does not answer.
    return false
  }
}
