// Makes `Date` stand still, so that code that becomes one commit sees one time, as its commit has one.

export function fixDate(nowMs: number): void {
  const Real = Date
  const now = (): number => nowMs
  const Fixed = new Proxy(Real, {
    construct: (_, given: readonly unknown[], target) =>
      // The result of a construction is an object.
      Reflect.construct(Real, given.length === 0 ? [nowMs] : given, target === Fixed ? Real : target) as object,
    apply: () => new Real(nowMs).toString(),
    get: (_, name): unknown => (name === 'now' ? now : Reflect.get(Real, name)),
  })
  Object.assign(globalThis, { Date: Fixed })
}
