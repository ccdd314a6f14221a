// Requests that Schemathesis generates from the OpenAPI document, in a short form; `npm run soak:openapi` is the long one.

import { expect, test } from 'vitest'
import { findOnPath } from '../../../checks/engines.ts'
import { runSchemathesis } from '../../../checks/openapi/schemathesis.ts'
import { useSharedServer } from './server.ts'

const program = findOnPath('schemathesis')
if (program === undefined) console.log('schemathesis: skipped, since it is not installed (pip install schemathesis)')

const { tenant, url } = useSharedServer()

test.skipIf(program === undefined)('answers are as documented, and documented requests are accepted', async () => {
  const args = ['run', '--phases', 'fuzzing', '--max-examples', '2', '--max-time', '10', '--generation-deterministic']
  const paths = '^/(Contact|Deal|events|status|schema|batch|lake/flush|do)'
  const { code, output } = await runSchemathesis(program ?? '', {
    tenantUrl: `${url()}/~${tenant()}`,
    args: [...args, '--include-path-regex', paths],
  })
  expect(output).toMatch(/Tested: \d/)
  expect(code, output).toBe(0)
})
