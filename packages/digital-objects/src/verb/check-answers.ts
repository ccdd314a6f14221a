// Holds the answers of a form to its questions. A question is a name, or `{ name, type, required, options }`; the questions
// are a list in a `json` field of the form.

import type { EntityFields, JsonValue } from '../base/entity.ts'
import { isPlainObject } from '../base/is-object.ts'
import { nearestName } from '../base/nearest-name.ts'
import { type Fault, ObjectError } from '../base/object-error.ts'
import { unreachable } from '../base/unreachable.ts'
import type { DataType, NounSchema, Verb } from '../noun/schema.ts'
import { checkEffectValue } from '../noun/validate-value.ts'

const types = ['text', 'textarea', 'email', 'phone', 'url', 'number', 'date', 'checkbox', 'select'] as const
type QuestionType = (typeof types)[number]

interface Question {
  readonly name: string
  readonly type: QuestionType
  readonly required: boolean
  readonly options: readonly string[]
}

const questionsMax = 200

export interface AnsweredVerb {
  readonly schema: NounSchema
  readonly verb: Verb
  /** The caller's arguments. */
  readonly input: Readonly<Record<string, JsonValue>>
  /** The fields after the verb. */
  readonly fields: EntityFields
}

/** Throws an ObjectError `validation_error` that names each question at fault, such as `data.email`. */
export function checkAnswers({ schema, verb, input, fields }: AnsweredVerb): void {
  const { answers } = verb.effect
  if (answers === undefined) return
  const { argument, questions: list } = answers
  const refuse = (faults: readonly Fault[]): void => refuseFaults(`${schema.name}.${verb.name}`, faults)
  const { questions, faults } = parseQuestions(list, fields[list])
  refuse(faults)
  if (argument === undefined) return
  const given = input[argument] ?? {}
  if (!isPlainObject(given)) return refuse([{ field: argument, message: 'expects an object of answers' }])
  // Without questions, a form takes any answers.
  if (questions.length > 0) refuse(faultsOf(questions, given, argument))
}

function parseQuestions(
  field: string,
  value: JsonValue | undefined,
): { readonly questions: readonly Question[]; readonly faults: readonly Fault[] } {
  if (value === undefined) return { questions: [], faults: [] }
  if (!Array.isArray(value) || value.length > questionsMax)
    return { questions: [], faults: [{ field, message: `expects a list of at most ${questionsMax} questions` }] }
  const parsed = value.map((item: JsonValue, at) => parseQuestion(`${field}[${at}]`, item))
  const questions = parsed.flatMap((one) => ('name' in one ? [one] : []))
  const twice = questions.find(({ name }, at) => questions.findIndex((other) => other.name === name) !== at)
  const repeated = twice === undefined ? [] : [{ field, message: `has the question '${twice.name}' twice` }]
  return { questions, faults: [...parsed.flatMap((one) => ('message' in one ? [one] : [])), ...repeated] }
}

function parseQuestion(field: string, item: JsonValue): Question | Fault {
  if (typeof item === 'string' && item !== '')
    return { name: item, type: item === 'email' ? 'email' : 'text', required: false, options: [] }
  if (!isPlainObject(item)) return { field, message: `expects a name, or an object such as {"name":"email"}` }
  const { name, type = 'text', required = false, options = [] } = item as Readonly<Record<string, JsonValue>>
  if (typeof name !== 'string' || name === '') return { field: `${field}.name`, message: 'expects a name' }
  const known = types.find((one) => one === type)
  if (known === undefined) return { field: `${field}.type`, message: `expects one of ${types.join(', ')}` }
  if (typeof required !== 'boolean') return { field: `${field}.required`, message: 'expects true or false' }
  const values = Array.isArray(options) ? options.map(optionOf) : []
  const isChoice = known === 'select'
  if (!Array.isArray(options) || values.includes(undefined) || (isChoice && values.length === 0))
    return { field: `${field}.options`, message: `expects a list of ${isChoice ? 'at least one choice' : 'choices'}` }
  return { name, type: known, required, options: values.filter((one) => one !== undefined) }
}

/** `'Basic'` or `{ value: 'basic', label: 'Basic' }`. */
function optionOf(option: JsonValue): string | undefined {
  const value: unknown = isPlainObject(option) ? option['value'] : option
  return typeof value === 'string' && value !== '' ? value : undefined
}

function faultsOf(
  questions: readonly Question[],
  given: Readonly<Record<string, JsonValue>>,
  argument: string,
): readonly Fault[] {
  const names = questions.map(({ name }) => name)
  const unknown = Object.keys(given).flatMap((name): readonly Fault[] => {
    if (names.includes(name)) return []
    const nearest = nearestName(name, names)
    const hint = nearest === undefined ? '' : `; did you mean '${nearest}'?`
    return [{ field: `${argument}.${name.slice(0, 64)}`, message: `is no question of this form${hint}` }]
  })
  const wrong = questions.flatMap((question): readonly Fault[] => {
    const message = faultOf(question, Object.hasOwn(given, question.name) ? given[question.name] : undefined)
    return message === undefined ? [] : [{ field: `${argument}.${question.name}`, message }]
  })
  return [...unknown, ...wrong]
}

function faultOf({ type, required, options }: Question, answer: JsonValue | undefined): string | undefined {
  // A page sends an empty field as an empty string.
  if (answer === undefined || answer === null || answer === '') return required ? 'is required' : undefined
  switch (type) {
    case 'text':
    case 'textarea':
      return typeof answer === 'string' ? undefined : 'expects a string'
    case 'phone':
      return typeof answer === 'string' &&
        /^[+]?[\d ().\-/]{4,30}$/.test(answer) &&
        /\d{4}/.test(answer.replace(/\D/g, ''))
        ? undefined
        : 'expects a phone number'
    case 'number':
      return Number.isFinite(numberOf(answer)) ? undefined : 'expects a number'
    case 'checkbox':
      if (required && answer !== true && answer !== 'true' && answer !== 'on') return 'must be checked'
      return typeof answer === 'boolean' || answer === 'true' || answer === 'false' || answer === 'on'
        ? undefined
        : 'expects true or false'
    case 'select':
      return typeof answer === 'string' && options.includes(answer) ? undefined : `expects one of ${options.join(', ')}`
    case 'email':
    case 'url':
    case 'date':
      return formFault(type, answer)
    default:
      return unreachable(type)
  }
}

/** A page may send a number as a string. */
function numberOf(answer: JsonValue): number {
  if (typeof answer === 'string' && answer.trim() !== '') return Number(answer)
  return typeof answer === 'number' ? answer : Number.NaN
}

/** Returns the fault that a field of this type would have. */
function formFault(type: DataType & QuestionType, answer: JsonValue): string | undefined {
  const marks = { many: false, required: false, indexed: false, unique: false, personal: false } as const
  const checked = checkEffectValue({ kind: 'data', name: type, type, ...marks }, answer)
  return checked.ok ? undefined : checked.message
}

function refuseFaults(place: string, faults: readonly Fault[]): void {
  const [first] = faults
  if (first === undefined) return
  throw new ObjectError({
    code: 'validation_error',
    field: first.field,
    message: `${place}: field '${first.field}' ${first.message}`,
    faults,
  })
}
