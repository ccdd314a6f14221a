import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, expect, test, vi } from 'vitest'
import { SandboxProcess, type SandboxRun } from './sandbox-process.ts'

const folder = mkdtempSync(join(tmpdir(), 'headlessly-sandbox-'))
const socketFile = join(folder, 'run.sock')
const busySignal = 'SIGUSR2'

/** Answers as a process that runs code does, until a signal lets it compute without end. */
const program = `
const server = require('node:http').createServer((request, response) => response.end('{"inProgress":1,"started":1}'))
process.on('${busySignal}', () => { for (;;); })
server.listen(${JSON.stringify(socketFile)}, () => console.log('listens'))
`

let warned: string[] = []
let running: SandboxProcess | undefined

async function start(): Promise<{ readonly pid: number; readonly sandbox: SandboxProcess }> {
  warned = []
  const sandbox = new SandboxProcess({ socketFile, warn: (line) => void warned.push(line), start: startProgram })
  running = sandbox
  await sandbox.start()
  return { pid: sandbox.pid ?? 0, sandbox }
}

async function startProgram(): Promise<SandboxRun> {
  const child = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] })
  await once(child.stdout, 'data')
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const kill = (): void => void child.kill('SIGKILL')
  const stop = (): Promise<void> => {
    kill()
    return ended
  }
  return { pid: child.pid ?? 0, port: 0, ended, kill, stop, ranOutOfMemory: () => false }
}

afterEach(() => running?.stop())
afterAll(() => rmSync(folder, { recursive: true, force: true }))

// Only Linux says how much processor time a thread had.
const onLinux = test.runIf(process.platform === 'linux')

onLinux('a process that gets no processor time for longer than code may keep it is not blamed', async () => {
  const { pid, sandbox } = await start()
  process.kill(pid, 'SIGSTOP')
  await new Promise((resolve) => setTimeout(resolve, 1_500))
  expect([sandbox.pid, warned]).toEqual([pid, []])
  process.kill(pid, 'SIGCONT')
})

test('a process that computes for a second without an answer is frozen, and is ended', async () => {
  const { pid, sandbox } = await start()
  process.kill(pid, busySignal)
  // A second of processor time takes longer where others want it too.
  await vi.waitFor(() => expect(warned).toHaveLength(1), { timeout: 30_000, interval: 50 })
  expect(await sandbox.endOf('1')).toBe('froze')
  expect(warned).toEqual([expect.stringContaining('did not answer for 1 s')])
})
