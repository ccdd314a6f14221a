// The messages by which a file reaches the tenant, which answers them as the tenant's object would.

import { isPlainObject, tryParseJson } from 'digital-objects'
import { expect, test } from 'vitest'
import type { FileRequest } from './file-import.ts'
import { importFile } from './import-file.ts'
import { WholeFiles } from './whole-file.ts'

/** Sends a file, and returns the verbs that the tenant was asked to perform. */
async function verbsOf(text: string): Promise<{ readonly verbs: readonly string[]; readonly error: unknown }> {
  const verbs: string[] = []
  const request: FileRequest = {
    tenant: 'acme',
    parameters: { noun: 'Contact', format: 'json' },
    header: () => undefined,
    async *bytes() {
      for (let at = 0; at < text.length; at += 100_000) yield new TextEncoder().encode(text.slice(at, at + 100_000))
    },
    answerMessage: (message) => {
      const asked = tryParseJson(message)
      const [call] = isPlainObject(asked) && Array.isArray(asked['calls']) ? asked['calls'].filter(isPlainObject) : []
      const isWrite = call?.['kind'] === 'write'
      if (isWrite) verbs.push(`${String(call['verb'])} ${String(call['noun'])}`)
      return Promise.resolve([`{"ok":true}\n${isWrite ? '{"source":"import_1","job":{}}' : '{}'}`])
    },
  }
  const error: unknown = await importFile(request, new WholeFiles()).then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  return { verbs, error }
}

test('a file that is refused after rows were sent is discarded, and a small one is sent only once it is accepted', async () => {
  const large = `{"name":"${'x'.repeat(700_000)}"}`
  const cut = await verbsOf(`[${large},${large},`)
  expect(cut.error).toMatchObject({ field: 'file' })
  expect(cut.verbs).toEqual(['import.stage Contact', 'import.discard Contact'])
  const open = await verbsOf(`[${large},${large},{"email":"a@example.com","other":1}]`)
  expect(open.error).toMatchObject({ field: 'columns' })
  expect(open.verbs.at(-1)).toBe('import.discard Contact')
  expect((await verbsOf('[{"other":1}]')).verbs).toEqual([])
  expect(await verbsOf('[{"name":"Ada"}]')).toEqual({
    verbs: ['import.stage Contact', 'import.start Contact'],
    error: undefined,
  })
})
