// The state that an address restores: the moment, and the filter, sort, columns and form of a list. Values are plain texts, so that an
// address can be read and written by hand.

export interface PageSearch {
  /** The moment that is shown, RFC 3339; empty for now. A place without it is shown as of the current moment. */
  readonly at?: string
  /** A filter as JSON, in the language of the API. */
  readonly f?: string
  /** `-value,name` */
  readonly sort?: string
  /** `board`, or nothing for a table; of a record, the part that is open. */
  readonly view?: string
  /** The field by which rows are grouped. */
  readonly group?: string
  /** The columns of a list, separated by commas. */
  readonly cols?: string
}

const names = ['at', 'f', 'sort', 'view', 'group', 'cols'] as const

/** Takes the known parameters. A moment that is no time is left out. */
export function parseSearch(text: string): PageSearch {
  const given = new URLSearchParams(text)
  const { at, ...others }: PageSearch = Object.fromEntries(
    names.flatMap((name) => (given.get(name) ? [[name, given.get(name)]] : [])),
  )
  return at === undefined || Number.isNaN(Date.parse(at)) ? others : { at, ...others }
}

export function formatSearch(search: PageSearch): string {
  const given = names.flatMap((name) => (search[name] ? [[name, search[name]]] : []))
  return given.length === 0 ? '' : `?${new URLSearchParams(given).toString()}`
}
