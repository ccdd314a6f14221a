// Attempts to sign in by a password, twenty at a time, each for another account and from another address, so that none is slowed.

import { type Scenario, scaled, type Target } from './scenario.ts'

const attemptsAtMost = 400
const atATime = 20

export const signIns: Scenario = {
  name: 'sign-ins',
  about: '400 wrong passwords, 20 at a time, are refused, and delay nobody else',
  // Whoever attacks has many addresses; the neighbour has one.
  serverArguments: ['--trusted-proxies', '127.0.0.1'],
  attack: async (target) => {
    const count = scaled(target, attemptsAtMost)
    const startMs = performance.now()
    let [next, refused, overloaded] = [0, 0, 0]
    const send = async (): Promise<void> => {
      while (next < count) {
        const status = await attempt(target, next++)
        if (status === 401) refused++
        else if (status === 503) overloaded++
        else throw new Error(`a wrong password was answered with ${status}`)
      }
    }
    await Promise.all(Array.from({ length: atATime }, send))
    if (refused === 0) throw new Error('no password was looked at')
    return { attempts: count, refused, overloaded, seconds: Math.round((performance.now() - startMs) / 1_000) }
  },
}

async function attempt({ url }: Target, nth: number): Promise<number> {
  const { status } = await fetch(`${url}/sign-in/password`, {
    method: 'POST',
    headers: {
      origin: url,
      'content-type': 'application/json',
      'x-forwarded-for': `10.${nth % 250}.${Math.floor(nth / 250)}.1`,
    },
    body: JSON.stringify({ email: `person-${nth}@example.com`, password: 'a wrong password' }),
  })
  return status
}
