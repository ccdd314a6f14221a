import fc from 'fast-check'
import { expect, test } from 'vitest'
import { tokenize } from './tokenize.ts'

test.each([
  ['Élan vital, 2nd ed.', ['elan', 'vital', '2nd', 'ed']],
  ['東京都庁', ['東京', '京都', '都庁', '庁']],
  ['iPhone用ケース2024年', ['iphone', '用ケ', 'ケー', 'ース', 'ス', '2024', '年']],
  ['대한민국 은', ['대한', '한민', '민국', '국', '은']],
  ['ﾃｽﾄ', ['テス', 'スト', 'ト']],
  ['ภาษาไทย', ['ภา', 'าษ', 'ษา', 'าไ', 'ไท', 'ทย', 'ย']],
  ['𠮷野家', ['𠮷野', '野家', '家']],
  ['、。', []],
])('the words of %j', (text, words) => {
  expect(tokenize(text)).toEqual(words)
})

const finds = (text: string, query: string): boolean => {
  const words = tokenize(text)
  return tokenize(query).every((wanted) => words.some((word) => word.startsWith(wanted)))
}

test('a search finds a word inside a run, and no run that lacks one of its pairs', () => {
  expect(finds('新しい東京都庁の建物', '東京都')).toBe(true)
  expect(finds('新しい東京都庁の建物', '庁')).toBe(true)
  expect(finds('新しい東京都庁の建物', '京東')).toBe(false)
  expect(finds('ขอบคุณมากครับ', 'มาก')).toBe(true)
  expect(finds('고객지원팀에서', '지원')).toBe(true)
  expect(finds('고객지원팀에서', '원지')).toBe(false)
})

// Characters of runs without spaces, marks and compatibility forms included, and some that end a run.
const character = fc.constantFrom(...'東京都庁のケースｶﾞがภาษ่้ไทยກខမြန်한국민대𠮷々〇aé1 、')
const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 1e9))

test(`every part of a run without spaces is found (seed ${seed})`, () => {
  const run = fc.array(fc.constantFrom(...'東京都庁のケースภาษไทยขกมร한국민대𠮷々〇'), { minLength: 1, maxLength: 12 })
  fc.assert(
    fc.property(fc.array(character, { maxLength: 4 }), run, fc.nat(), fc.nat(), (before, characters, a, b) => {
      const [start, end] = [a % characters.length, (b % characters.length) + 1]
      fc.pre(start < end)
      const part = characters.slice(start, end).join('')
      expect(finds([...before, ' ', ...characters].join(''), part)).toBe(true)
      expect(finds([...before, ...characters].join(''), part)).toBe(true)
    }),
    { seed },
  )
})

test(`words have no case, marks or spaces, and are words again (seed ${seed})`, () => {
  fc.assert(
    fc.property(fc.array(character, { maxLength: 12 }), (characters) => {
      for (const word of tokenize(characters.join(''))) {
        expect(word).toMatch(/^[\p{L}\p{N}]+$/u)
        expect(tokenize(word)[0]).toBe(word)
      }
    }),
    { seed },
  )
})
