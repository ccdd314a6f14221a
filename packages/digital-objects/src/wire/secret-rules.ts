// The names and sizes of a tenant's secrets.

/** A regular expression, as JSON Schema takes it. */
export const secretNamePattern = '^[a-z][a-z0-9.-]{0,62}$'
export const secretCharactersMax = 65_536
