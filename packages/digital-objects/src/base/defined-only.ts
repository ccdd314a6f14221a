// A record without its undefined values.

export function definedOnly<Value>(record: Readonly<Record<string, Value | undefined>>): Record<string, Value> {
  const defined: Record<string, Value> = {}
  for (const [name, value] of Object.entries(record)) if (value !== undefined) defined[name] = value
  return defined
}
