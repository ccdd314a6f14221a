import { expect, test } from 'vitest'
import { Headlessly } from './client.ts'
import { HeadlesslyError } from '../base/headlessly-error.ts'
import type { CommandCall, Transport } from '../wire/transport.ts'

test('what is asked of the lake is sent once, though no answer comes: it may be at work', async () => {
  const sent: CommandCall[] = []
  const transport: Transport = {
    send: async () => [],
    command: async (call) => {
      sent.push(call)
      throw new HeadlesslyError({ code: 'network_error', message: 'nobody answers' })
    },
    listen: async function* () {},
  }
  const { lake } = Headlessly({ tenant: 'acme', transport })
  await expect(lake.rebuild()).rejects.toThrow('nobody answers')
  expect(sent).toEqual([{ path: 'lake/rebuild' }])
})
