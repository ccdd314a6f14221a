import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { sandboxCompatibilityDate } from 'functions.do'
import { compatibilityDate } from '../embedded/workerd-config.ts'
import { expect, test } from 'vitest'
import { sandboxOf } from './sandbox-of.ts'

test('without a Worker Loader there is no sandbox, which a sentence says', async () => {
  await expect(sandboxOf({})).rejects.toMatchObject({
    code: 'not_configured',
    message: expect.stringContaining('Worker Loader'),
  })
})

test('code runs under the compatibility date of the Worker that runs it', () => {
  const deployed = readFileSync(join(import.meta.dirname, '../../wrangler.jsonc'), 'utf8')
  expect(sandboxCompatibilityDate).toBe(compatibilityDate)
  expect(deployed).toContain(`"compatibility_date": "${sandboxCompatibilityDate}"`)
})
