// Dates of a workbook: a date is a number of days, and only the format of its cell says that it is one (ECMA-376 part 1, 18.8.30
// and 18.17.4).

const dayMs = 86_400_000

/** Built-in formats of dates and times, those of East Asian languages included. */
const dateFormats = new Set([
  14, 15, 16, 17, 18, 19, 20, 21, 22, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 45, 46, 47, 50, 51, 52, 53, 54, 55, 56,
  57, 58,
])

export function isDateFormat(id: number, code: string | undefined): boolean {
  if (code === undefined) return dateFormats.has(id)
  const bare = code
    .replaceAll(/"[^"]*"|\\.|_.|\*./g, '')
    // Colours and conditions; `[h]` counts hours.
    .replaceAll(/\[(?!h+\]|m+\]|s+\])[^\]]*\]/gi, '')
  return /[dmyhs]/i.test(bare) && !/general/i.test(bare)
}

/** A local date, time, or both, as `2026-12-24T10:30:00`. Is undefined for a number that is no date. */
export function serialToText(serial: number, isFrom1904: boolean): string | undefined {
  // 1900 has a 29th of February there, which is day 60.
  const isNone = serial < 0 || serial >= 2_958_466 || (!isFrom1904 && Math.floor(serial) === 60)
  if (isNone) return undefined
  const epoch = isFrom1904 ? Date.UTC(1904, 0, 1) : Date.UTC(1899, 11, serial < 60 ? 31 : 30)
  const text = new Date(epoch + Math.round(serial * dayMs)).toISOString().slice(0, -1)
  const [date = '', time = ''] = text.replace(/\.000$/, '').split('T')
  if (serial < 1 && !isFrom1904) return time
  return time === '00:00:00' ? date : `${date}T${time}`
}
