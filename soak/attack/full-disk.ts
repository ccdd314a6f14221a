// A disk that fills up: many writers take its last byte, another program takes the room that was kept back, and workerd is
// killed while nothing is free. Reads must continue, and every acknowledged write must be there afterwards.

import { execFileSync } from 'node:child_process'
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sleep } from '../kill-server.ts'
import { type Scenario, scaled, type Target } from './scenario.ts'

const diskMebibytes = 192
const laterMebibytes = 512
const writers = 32
const roundMs = 15_000
const recoverMs = 30_000
let isMounted = false

export const fullDisk: Scenario = {
  name: 'full-disk',
  about: `${writers} writers fill a disk of ${diskMebibytes} MiB, and workerd is killed while it is full`,
  delaysNeighbours: true,
  makeDataFolder,
  attack,
}

async function makeDataFolder(): Promise<{ path: string; remove(): Promise<void> }> {
  const folder = mkdtempSync(join(tmpdir(), 'headlessly-disk-'))
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${diskMebibytes}m`, 'tmpfs', folder], { stdio: 'ignore' })
    isMounted = true
  } catch {
    isMounted = false
  }
  const remove = async (): Promise<void> => {
    if (isMounted) execFileSync('umount', ['--lazy', folder])
    rmSync(folder, { recursive: true, force: true })
  }
  return { path: join(folder, 'data'), remove }
}

async function attack(target: Target): Promise<Readonly<Record<string, string | number>>> {
  if (!isMounted) {
    target.log('skipped: no tmpfs can be mounted here (it needs root on Linux)')
    return { skipped: 'needs root on Linux' }
  }
  const acknowledged = new Set<string>()
  const statuses = new Map<number, number>()
  const write = async (): Promise<void> => {
    const { status, body } = await ask(target, '/~full/Contact', { name: `full ${'x'.repeat(30_000)}` })
    statuses.set(status, (statuses.get(status) ?? 0) + 1)
    if (status === 201 && typeof body['$id'] === 'string') acknowledged.add(body['$id'])
  }
  await during(roundMs, write, () => (statuses.get(507) ?? 0) >= writers)
  const filler = join(target.dataFolder, '..', 'filler')
  fill(filler)
  let failedReads = 0
  await during(scaled(target, roundMs), async () => {
    await write()
    const { status } = await ask(target, '/~full/Contact?strong=true&limit=1')
    if (status !== 200) failedReads++
  })
  const [, workerd] = target.processes()
  if (workerd !== undefined) process.kill(workerd, 'SIGKILL')
  await until('reads after workerd was killed on the full disk', async () => {
    return (await ask(target, '/~full/Contact?strong=true&limit=1')).status === 200
  })
  rmSync(filler)
  execFileSync('mount', ['-o', `remount,size=${laterMebibytes}m`, join(target.dataFolder, '..')])
  await until('writes after room was made', async () => {
    const { status, body } = await ask(target, '/~full/Contact', { name: 'again' })
    if (status === 201 && typeof body['$id'] === 'string') acknowledged.add(body['$id'])
    return status === 201
  })
  const lost = await countMissing(target, acknowledged)
  const { body: verified } = await ask(target, '/~full/lake/verify', {})
  const figures = {
    acknowledged: acknowledged.size,
    lost,
    failedReads,
    answers: JSON.stringify(Object.fromEntries(statuses)),
    isWhole: String(verified['isWhole']),
  }
  const odd = [...statuses.keys()].filter((status) => ![201, 507, 503].includes(status))
  if (lost > 0 || failedReads > 0 || odd.length > 0) throw new Error(JSON.stringify(figures))
  for (const sentence of ['the disk is full', 'the disk has room again'])
    if (!target.printed().includes(sentence)) throw new Error(`the server never printed '${sentence}'`)
  return figures
}

async function during(ms: number, work: () => Promise<void>, isEnough = (): boolean => false): Promise<void> {
  const endMs = Date.now() + ms
  const worker = async (): Promise<void> => {
    while (Date.now() < endMs && !isEnough()) await work()
  }
  await Promise.all(Array.from({ length: writers }, worker))
}

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  for (const endMs = Date.now() + recoverMs; Date.now() < endMs; await sleep(200)) {
    if (await holds().catch(() => false)) return
  }
  throw new Error(`no ${what} within ${recoverMs} ms`)
}

async function countMissing(target: Target, ids: ReadonlySet<string>): Promise<number> {
  const missing = new Set(ids)
  for (let cursor: unknown = ''; typeof cursor === 'string';) {
    const from = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`
    const { body } = await ask(target, `/~full/Contact?strong=true&limit=100&fields=$id${from}`)
    for (const one of body['results'] as readonly { readonly $id: string }[]) missing.delete(one.$id)
    cursor = body['cursor']
  }
  return missing.size
}

function fill(file: string): void {
  for (let bytes = 2 ** 20; bytes >= 1; bytes /= 4) {
    try {
      for (;;) appendFileSync(file, Buffer.alloc(bytes))
    } catch {
      // No room for this many bytes.
    }
  }
}

async function ask(
  target: Target,
  path: string,
  body?: object,
): Promise<{ readonly status: number; readonly body: Readonly<Record<string, unknown>> }> {
  const post = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
  const answer = await fetch(target.url + path, body === undefined ? {} : post)
  return { status: answer.status, body: (await answer.json()) as Readonly<Record<string, unknown>> }
}
