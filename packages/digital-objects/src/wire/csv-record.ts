// A record of comma-separated values (RFC 4180).

/** Quotes an empty string, to tell it from null, which is no value. */
export function formatCsvRecord(cells: readonly (string | null)[]): string {
  // A record of one cell without a value would otherwise be an empty line.
  return cells.length === 1 && cells[0] === null ? '""' : cells.map(formatCell).join(',')
}

function formatCell(text: string | null): string {
  if (text === null) return ''
  return text === '' || /[",\r\n]|^\uFEFF/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
