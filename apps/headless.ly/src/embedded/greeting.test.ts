import { expect, test } from 'vitest'
import { greeting } from './greeting.ts'

const of = { url: 'http://localhost:8787', dataFolder: '/data' }
const calls = (text: string): readonly string[] => text.split('\n').filter((line) => line.includes('curl '))

test('each call of the greeting has a key on a server that requires a sign-in, and none on another', () => {
  const [open, closed] = [false, true].map((requireSignIn) => greeting({ ...of, requireSignIn }))
  expect(calls(open ?? '')).toHaveLength(3)
  for (const line of calls(open ?? '')) expect(line).not.toContain('authorization')
  expect(calls(closed ?? '')).toHaveLength(3)
  for (const line of calls(closed ?? '')) expect(line).toContain('-H "authorization: Bearer $KEY"')
  expect(closed).toContain('headlessly login --endpoint http://localhost:8787 --tenant acme')
})
