// Loads a tenant with contacts through messages of calls.

import type { Target } from './scenario.ts'

const callsPerMessage = 100
const messagesAtOnce = 4

export async function loadContacts(
  target: Target,
  { tenant, count }: { readonly tenant: string; readonly count: number },
): Promise<void> {
  let next = 0
  const load = async (): Promise<void> => {
    while (next < count) {
      const from = next
      next = Math.min(count, from + callsPerMessage)
      const calls = Array.from({ length: next - from }, (_, at) => {
        const body = JSON.stringify({
          name: `Contact ${from + at}`,
          email: `c${from + at}@example.com`,
        })
        return { kind: 'write', noun: 'Contact', verb: 'create', body }
      })
      await sendMessage(`${target.url}/~${tenant}/rpc`, calls)
    }
  }
  await Promise.all(Array.from({ length: messagesAtOnce }, load))
}

async function sendMessage(url: string, calls: readonly object[]): Promise<void> {
  const answer = await fetch(url, { method: 'POST', body: JSON.stringify({ calls }) })
  const lines = (await answer.json()) as readonly string[]
  const refused = lines.find((line) => !line.startsWith('{"ok":true'))
  if (refused !== undefined || lines.length !== calls.length)
    throw new Error(`a contact was not created: ${refused?.slice(0, 300)}`)
}
