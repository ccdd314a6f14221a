// Objects that Node's console prints as a sentence, because their members say nothing or far too much.

const inspect = Symbol.for('nodejs.util.inspect.custom')

/** Returns the same object. `text` is called when it is printed. */
export function printedAs<Value extends object>(value: Value, text: () => string): Value {
  return Object.defineProperty(value, inspect, { value: text })
}
