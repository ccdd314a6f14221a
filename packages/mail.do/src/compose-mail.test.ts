import fc from 'fast-check'
import { expect, test } from 'vitest'
import { composeMail } from './compose-mail.ts'

const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 1_000_000))
const text = fc.string({ unit: 'binary', maxLength: 300 })

function decodeWords(header: string): string {
  return header
    .replaceAll('\r\n ', ' ')
    .replaceAll('?= =?', '?==?')
    .replaceAll(/=\?UTF-8\?B\?([^?]*)\?=/g, (_, word: string) => `<${word}>`)
    .replaceAll(/(?:<[^>]*>)+/g, (words) =>
      Buffer.concat([...words.matchAll(/<([^>]*)>/g)].map(([, word = '']) => Buffer.from(word, 'base64'))).toString(),
    )
}

test(`any subject, name and text are lines of ASCII that say the same, and add no header (seed ${seed})`, () => {
  fc.assert(
    fc.property(text, text, text, (subject, name, body) => {
      const from = { name: '', address: 'a@acme.example' }
      const mail = composeMail({
        from,
        to: { name, address: 'b@x.example' },
        id: 'evt_1',
        subject,
        text: body,
        sentAtMs: 0,
      })
      expect(mail).toMatch(/^[\t\r\n -~]*$/)
      const lines = mail.split('\r\n')
      expect(mail.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/)
      for (const line of lines) expect(line.length).toBeLessThanOrEqual(120)
      expect(lines.some((line) => line.startsWith('.'))).toBe(false)
      const head = lines.slice(0, lines.indexOf(''))
      const names = head.flatMap((line) => (line.startsWith(' ') ? [] : [line.slice(0, line.indexOf(':'))]))
      expect(names).toEqual([
        'From',
        'To',
        'Subject',
        'Date',
        'Message-ID',
        'MIME-Version',
        'Content-Type',
        'Content-Transfer-Encoding',
      ])
      const shown = decodeWords(/^Subject: ([^]*?)\r\n(?! )/m.exec(mail)?.[1] ?? '')
      const wellFormed = subject
        .toWellFormed()
        .replaceAll(/[\p{Cc}\u2028\u2029]+/gu, ' ')
        .trim()
      expect(shown.trim()).toBe(wellFormed)
      const sent = Buffer.from(lines.slice(lines.indexOf('') + 1).join(''), 'base64').toString()
      expect(sent).toBe(body.toWellFormed().replaceAll(/\r\n|\r|\n/g, '\r\n'))
    }),
    { seed, numRuns: Number(process.env['RUNS'] ?? 100) },
  )
})
