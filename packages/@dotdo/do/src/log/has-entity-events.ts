// Whether entities have events, apart from those of the system's own Nouns, which a tenant may have before its data.

import { systemNounNames } from 'digital-objects'
import { typeOfRow } from './stored-event.ts'

export function hasEntityEvents(sql: SqlStorage): boolean {
  const isOfEntity = systemNounNames.map(() => `${typeOfRow} NOT GLOB ?`).join(' AND ')
  const query = `SELECT 1 FROM log WHERE ${isOfEntity} LIMIT 1`
  return sql.exec(query, ...systemNounNames.map((name) => `${name}.*`)).toArray().length > 0
}
