// Makes `Date` stand still, so that code that becomes one commit sees one time, as its commit has one.

export function fixDate(nowMs: number): void {
  const Real = Date
  const now = (): number => nowMs
  const handler: ProxyHandler<DateConstructor> = {
    // A class that extends `Date` constructs itself.
    construct: (_, given: readonly unknown[], target) =>
      Reflect.construct(Real, given.length === 0 ? [nowMs] : given, target) as object,
    apply: () => new Real(nowMs).toString(),
    get: (_, name): unknown => (name === 'now' ? now : Reflect.get(Real, name)),
  }
  Object.assign(globalThis, { Date: new Proxy(Real, handler) })
}
