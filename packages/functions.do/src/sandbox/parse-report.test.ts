import { expect, test } from 'vitest'
import { parseReport } from './parse-report.ts'
import { logCharactersMax, logLinesMax, resultBytesMax } from './sandbox.ts'

test('a result is returned with its log lines and its bookmark', () => {
  expect(parseReport({ body: '{"result":1}', logs: ['a'], bookmark: 'e1.7' })).toEqual({
    ok: true,
    body: '{"result":1}',
    logs: ['a'],
    bookmark: 'e1.7',
  })
})

test.each([undefined, null, 'text', {}, { body: 1 }, { body: '[1]' }, { body: '{' }, { body: '1' }])(
  '%j is not a report and counts as a failure of the code',
  (report) => {
    expect(parseReport(report)).toMatchObject({ ok: false, error: { code: 'code_failed' } })
  },
)

test('anything beyond the limits is refused or truncated, whatever the inside did', () => {
  const body = `{"result":"${'é'.repeat(resultBytesMax / 2)}"}`
  expect(parseReport({ body })).toMatchObject({ ok: false, error: { code: 'payload_too_large', field: 'result' } })
  const { logs } = parseReport({ body: '{}', logs: Array.from({ length: 500 }, () => 'x'.repeat(5_000)) })
  expect(logs).toHaveLength(logLinesMax)
  expect(logs[0]).toHaveLength(logCharactersMax)
  expect(parseReport({ body: '{}', logs: [1, { a: 1 }] }).logs).toEqual(['', ''])
  expect(parseReport({ body: '{}', bookmark: 'x'.repeat(100) })).not.toHaveProperty('bookmark')
})

test('a refusal keeps its code, field and faults; an unknown code becomes a failure of the code', () => {
  const error = { code: 'conflict', field: 'email', message: 'taken', errors: [{ field: 'email', message: 'taken' }] }
  expect(parseReport({ error: { ...error, detail: { existingId: 'x', nested: {} }, line: 3 } })).toEqual({
    ok: false,
    logs: [],
    error: {
      code: 'conflict',
      field: 'email',
      message: 'taken',
      faults: [{ field: 'email', message: 'taken' }],
      detail: { existingId: 'x', line: 3 },
    },
  })
  for (const code of ['not_configured', 'network_error', 'made_up', 7, undefined])
    expect(parseReport({ error: { code, message: 'm' } })).toMatchObject({ ok: false, error: { code: 'code_failed' } })
})
