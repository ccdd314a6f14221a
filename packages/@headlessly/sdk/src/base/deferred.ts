// A promise that is settled from outside, since Node 20 lacks `Promise.withResolvers`.

export class Deferred<Value> {
  readonly promise: Promise<Value>
  resolve!: (value: Value) => void
  reject!: (reason: unknown) => void

  constructor() {
    // The constructor calls its function synchronously.
    this.promise = new Promise<Value>((resolve, reject) => {
      this.resolve = resolve
      this.reject = reject
    })
  }
}
