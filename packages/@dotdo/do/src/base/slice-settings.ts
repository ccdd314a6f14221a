// The limits of work that runs in slices, so that no tenant holds the thread for long. Tests set smaller ones.

export interface SliceSettings {
  /** Rows that SQLite reads in one slice, to about 10 ms of work. */
  readonly rowsPerSlice: number
  /** A Noun with at most this many rows is read in one statement, whatever the filter. */
  readonly smallRowsMax: number
  /** A pattern in a Noun with more rows uses the index of substrings. */
  readonly patternRowsMax: number
  /** A read in slices is refused after this long, including its wait for other such reads. */
  readonly readMs: number
  /** A query waits this long for the full-text index. */
  readonly wordsMs: number
}

export const defaultSliceSettings: SliceSettings = {
  rowsPerSlice: 20_000,
  smallRowsMax: 20_000,
  patternRowsMax: 5_000,
  readMs: 20_000,
  wordsMs: 2_000,
}
