// `payments`: connects the tenant to Stripe, shows how the connection is, and starts passes over all objects. Keys come from files
// or the standard input: other programs can see the words of a command line.

import type { Command } from './command.ts'
import { readText } from './read-text.ts'
import { UsageError } from './usage-error.ts'

export const paymentsCommand: Command = {
  name: 'payments',
  words: ['[connect|disconnect|status|sync|reconcile]', '[file]'],
  about:
    'connect the tenant to Stripe by the key in a file, show how the connection is, synchronize, or compare both sides',
  example: 'payments connect key.txt --webhook-secret secret.txt',
  flags: [
    {
      name: 'webhook-secret',
      kind: 'value',
      placeholder: '<file>',
      about: 'the file with the signing secret of the endpoint',
    },
    { name: 'dry-run', kind: 'switch', about: 'sync only counts what it would bring' },
    { name: 'gaps', kind: 'switch', about: 'sync only finds missed events' },
    { name: 'day', kind: 'value', placeholder: '<date>', about: 'the day whose end reconcile compares' },
  ],
  async run({ words, client, output, signal, flags }) {
    const [action = 'status', file] = words
    const { payments } = client()
    if (action !== 'connect' && file !== undefined) throw new UsageError(`payments ${action} takes no file`, 'payments')
    switch (action) {
      case 'connect': {
        if (file === undefined)
          throw new UsageError('payments connect expects <file>, or - for the standard input', 'payments')
        const secretFile = flags.text('webhook-secret')
        const webhookSecret = secretFile === undefined ? undefined : secretIn(secretFile)
        output.json(await payments.connect({ key: secretIn(file), webhookSecret, signal }))
        return 0
      }
      case 'disconnect':
        await payments.disconnect({ signal })
        output.line('disconnected')
        return 0
      case 'status':
        output.json(await payments.status({ signal }))
        return 0
      case 'sync': {
        const kind = flags.isOn('dry-run') ? 'Rehearsal' : flags.isOn('gaps') ? 'Gaps' : 'Sync'
        output.json(await payments.sync({ kind, signal }))
        return 0
      }
      case 'reconcile': {
        output.json(await payments.reconcile({ day: flags.text('day'), signal }))
        return 0
      }
      default:
        throw new UsageError(
          `payments expects connect, disconnect, status, sync or reconcile, got '${action}'`,
          'payments',
        )
    }
  },
}

/** A file ends in a line break, which is not a part of its secret. */
function secretIn(file: string): string {
  return readText(file, 'payments').trim()
}
