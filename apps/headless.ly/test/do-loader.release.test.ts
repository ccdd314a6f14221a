// Code next to the data in a Worker Loader of the same process, as the Worker has it on Cloudflare.

import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { formatWorkerdConfig } from '../src/embedded/workerd-config.ts'
import { startWorkerd } from '../src/embedded/workerd-process.ts'
import type { Server } from '../src/embedded/launcher.ts'
import { testAtomicRun } from './atomic-do.suite.ts'
import { testDo } from './do.suite.ts'
import { useServer } from './server.ts'

const server = useServer({ start: startWithLoader })

testDo(server)
testAtomicRun(server)

/** The server's Worker with `LOADER` in place of everything that only the embedded server binds. */
async function startWithLoader(folder: string): Promise<Server> {
  const [objectsFolder, lakeFolder, runFolder] = [join(folder, 'objects'), join(folder, 'lake'), join(folder, 'run')]
  for (const made of [objectsFolder, lakeFolder, runFolder]) mkdirSync(made)
  const text = formatWorkerdConfig({
    objectsFolder,
    lakeFolder,
    consoleFolder: join(import.meta.dirname, '../dist/console'),
    syncSocketFile: join(runFolder, 'unused'),
    hashesSocketFile: join(runFolder, 'hash.sock'),
    thumbnailsSocketFile: join(runFolder, 'thumb.sock'),
    heartbeatSocketFile: join(runFolder, 'beat.sock'),
    sandbox: { launcher: join(runFolder, 'unused'), processes: [] },
    host: '127.0.0.1',
    port: 0,
    variables: {},
  })
  const configFile = join(runFolder, 'config.capnp')
  const withoutServices = text.replaceAll(/\(name = "[A-Z_]+", service = "[^"]+"\)(?:, )?/g, '')
  writeFileSync(
    configFile,
    withoutServices.replace('bindings = [', 'bindings = [(name = "LOADER", workerLoader = ()), '),
  )
  for (const bundle of ['worker.js', 'kv.js'])
    copyFileSync(join(import.meta.dirname, '../dist', bundle), join(runFolder, bundle))
  const { pid, port, ended, stop } = await startWorkerd({ configFile, log: () => {} })
  return {
    url: `http://localhost:${port}`,
    port,
    pid: () => pid,
    sandboxPids: () => [],
    thumbnailPid: () => undefined,
    ended,
    stop,
  }
}
