// The program that checks the source of a stored function, in an isolate of its own: parsing may take long.

import { WorkerEntrypoint } from 'cloudflare:workers'
import { checkSource } from './check/check-source.ts'

export default class Check extends WorkerEntrypoint {
  run({ given }: { readonly given: string }): object {
    return { body: JSON.stringify({ result: checkSource(given) }), logs: [] }
  }
}
