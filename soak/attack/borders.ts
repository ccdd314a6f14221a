// Callers who try to learn or change what is not theirs, on a server that is open to its machine and on one that is claimed. Prints
// a line for each attack.

import { borderAttacks } from './borders/all-attacks.ts'
import { crossingOf } from './borders/border-attack.ts'
import { startClaimedServer } from './borders/claimed-server.ts'
import { keyEndsMs, setStage, type Stage } from './borders/stage.ts'
import type { Scenario, Target } from './scenario.ts'
import { sleep } from '../kill-server.ts'

export const borders: Scenario = {
  name: 'borders',
  about: `${borderAttacks.length} attacks on what separates tenants, members, keys and origins; nothing crosses`,

  async attack(target) {
    const crossings = await attackAll(target, await setStage(target.url))
    const claimed = await startClaimedServer()
    try {
      crossings.push(...(await attackAll(target, claimed.stage)))
    } finally {
      await claimed.stop()
    }
    for (const line of crossings) target.log(`CROSSED ${line}`)
    if (crossings.length > 0) throw new Error(`${crossings.length} crossings`)
    return { attacks: borderAttacks.length }
  },
}

async function attackAll(target: Target, stage: Stage): Promise<string[]> {
  const place = stage.cookie === undefined ? 'open' : 'claimed'
  await sleep(keyEndsMs)
  const crossings: string[] = []
  for (const attack of borderAttacks) {
    if (attack.on !== undefined && attack.on !== place) continue
    const crossing = await crossingOf(stage, attack)
    const { entry, name, by } = attack
    target.log(`${place} | ${entry} | ${name} | ${by} | ${crossing === undefined ? 'held' : 'CROSSED'}`)
    if (crossing !== undefined) crossings.push(`${place}, ${entry}: ${name}: ${crossing}`)
  }
  return crossings
}
