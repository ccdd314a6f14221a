// Query parameters that other APIs have and lists do not, such as `page` and `q`. The refusal names the parameter to use.

import { type NounSchema, ObjectError } from 'digital-objects'

const cursor = "use cursor, with the 'cursor' of the previous page's answer"
const limit = 'use limit, as in limit=100'
const words = 'use $text, as in filter={"$text":"two words"}'
const sort = 'use sort, as in sort=-$createdAt,name'
const filter = 'use filter, as in filter={"$createdAt":{"$gt":"2026-01-15T10:00:00Z"}}, or a field, as in name=Ada'
const fields = 'use fields, as in fields=name,$createdAt'
const include = 'use include with the names of relations'

/** By name, in lower case and letters only, so that `per_page`, `pageSize` and `page[size]` are found. */
const hints: ReadonlyMap<string, string> = new Map([
  ...named(cursor, 'page offset skip start from after before startingafter endingbefore pagenumber pageoffset pageno'),
  ...named(cursor, 'pagetoken pagecursor nexttoken nextpagetoken continuationtoken startat startindex'),
  ...named(
    limit,
    'perpage pagesize pagelimit size top take first last max maxresults results rows num length batchsize',
  ),
  ...named(words, 'q query search s term terms keyword keywords text fulltext searchterm'),
  ...named(sort, 'order orderby ordering sortby sortorder orderdirection direction dir desc asc'),
  ...named(filter, 'where filters conditions since until'),
  ...named(fields, 'select columns only attributes projection properties'),
  ...named(include, 'expand populate embed includes with relations'),
])

/** Throws an ObjectError, unless the Noun has a field of this name, which then filters, or the name is not known here. */
export function refuseForeignParameter(name: string, schema: NounSchema): void {
  const [first = ''] = name.split('.')
  if (Object.hasOwn(schema.fields, first)) return
  const hint = hints.get(
    name
      .slice(0, 64)
      .replace(/[^A-Za-z]/g, '')
      .toLowerCase(),
  )
  if (hint === undefined) return
  const field = name.slice(0, 64)
  const message = `a list of ${schema.name} has no parameter '${field}'; ${hint}`
  throw new ObjectError({ code: 'invalid_parameter', field, message })
}

function named(hint: string, names: string): readonly (readonly [string, string])[] {
  return names.split(' ').map((name) => [name, hint])
}
