// Objects that Node's console prints as a sentence, because their members say nothing or far too much.

/** A method of this name returns what the console prints. */
export const inspect: unique symbol = Symbol.for('nodejs.util.inspect.custom')

/** Returns the object, frozen. `text` is called when it is printed. */
export function printedAs<Value extends object>(value: Value, text: () => string): Value {
  return Object.freeze(Object.defineProperty(value, inspect, { value: text }))
}
