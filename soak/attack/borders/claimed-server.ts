// A server that has an owner, as behind a proxy of its machine: every call needs a proof.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sleep } from '../../kill-server.ts'
import { type AttackedServer, startAttackedServer } from '../attacked-server.ts'
import { sendRaw } from './raw-request.ts'
import { setStage, type Stage } from './stage.ts'

/** Limits the time until the link of the first owner is printed. */
const linkWaitsMax = 200

export interface ClaimedServer {
  readonly stage: Stage
  readonly stop: () => Promise<void>
}

export async function startClaimedServer(): Promise<ClaimedServer> {
  const folder = mkdtempSync(join(tmpdir(), 'headlessly-borders-'))
  const server = await startAttackedServer(folder, ['--require-sign-in'])
  const stop = async (): Promise<void> => {
    await server.stop()
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    const { cookie, code } = await claim(server)
    const stage = await setStage(server.url, cookie)
    return { stage: { ...stage, names: new Map([...stage.names, ['claimCode', code]]) }, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/** Becomes the owner by the code of the printed link. */
async function claim({ url, printed }: AttackedServer): Promise<{ readonly cookie: string; readonly code: string }> {
  const link = /#(\S+)$/m
  for (let waits = 0; !link.test(printed()) && waits < linkWaitsMax; waits++) await sleep(50)
  const code = link.exec(printed())?.[1] ?? ''
  const body = { code, name: 'Olga', email: 'olga@example.com' }
  const claimed = await sendRaw(url, { method: 'POST', path: '/sign-in/claim', headers: { origin: url }, body })
  const [cookie] = [claimed.headers['set-cookie']].flat()
  if (typeof cookie !== 'string') throw new Error(`the link of the first owner: ${claimed.status} ${claimed.body}`)
  return { cookie: cookie.split(';')[0] ?? '', code }
}
