import { expect, test } from 'vitest'
import { sandboxOf } from './sandbox-of.ts'

test('without a Worker Loader there is no sandbox, which a sentence says', async () => {
  await expect(sandboxOf({})).rejects.toMatchObject({
    code: 'not_configured',
    message: expect.stringContaining('Worker Loader'),
  })
})
