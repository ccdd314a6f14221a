// What stands for the secrets of a stored function in the code of one run.

/** By the names of the secrets. Nobody else can write them, since they are made for one run. */
export function placeholdersOf(secrets: readonly unknown[]): Readonly<Record<string, string>> {
  const entries = secrets.map(String).map((name) => [name, `{secret ${name} ${crypto.randomUUID()}}`] as const)
  return Object.fromEntries(entries)
}
