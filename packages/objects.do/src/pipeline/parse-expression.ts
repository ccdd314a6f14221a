// Validates a callback, received as JSON, node by node. The result can be evaluated, and is rebuilt so that it contains
// nothing else.

import {
  binaryOperators,
  type Callback,
  type CallbackParameter,
  type Expression,
  expressionDepthMax,
  expressionNodesMax,
  functions,
  type ListMethod,
  listMethods,
  type TextMethod,
  textMethods,
  unaryOperators,
  unreachable,
} from 'digital-objects'
import { kindOf, parseFields, parseList, parseName, parseOneOf, refusal, unexpected } from './json-node.ts'

/** Throws an ObjectError `unsupported_expression` that names the path. */
export function parseCallback(value: unknown, options: { place: string; parametersMax: number }): Callback {
  const { place, parametersMax } = options
  return callback(value, { place, depth: 0, names: [], counted: { nodes: 0 }, isInChain: false }, parametersMax)
}

/** The position of a node and its surroundings. */
interface At {
  readonly place: string
  readonly depth: number
  /** Parameters in scope. */
  readonly names: readonly string[]
  /** Counts the nodes of the whole callback. */
  readonly counted: { nodes: number }
  /** The node is part of a chain, so optional links are allowed. */
  readonly isInChain: boolean
}

function callback(value: unknown, at: At, parametersMax: number): Callback {
  const fields = parseFields(value, at.place, ['kind', 'parameters', 'body'])
  parseOneOf(fields['kind'], `${at.place}.kind`, ['callback'])
  const place = `${at.place}.parameters`
  const own: string[] = []
  const parameters = parseList(fields['parameters'], place, parametersMax).map((parameter, index) =>
    parseParameter(parameter, { ...at, place: `${place}[${index}]` }, own),
  )
  const names = [...at.names, ...own]
  return { kind: 'callback', parameters, body: inner(fields['body'], { ...at, names }, 'body') }
}

function parseParameter(value: unknown, at: At, own: string[]): CallbackParameter {
  const bind = (name: unknown, place: string): string => {
    const bound = parseName(name, place)
    if (own.includes(bound)) throw refusal(place, `two parameters are named '${bound}'`)
    count(at)
    own.push(bound)
    return bound
  }
  if (kindOf(value, at.place) === 'name') {
    const { name } = parseFields(value, at.place, ['kind', 'name'])
    return { kind: 'name', name: bind(name, `${at.place}.name`) }
  }
  const fields = parseFields(value, at.place, ['kind', 'fields'])
  parseOneOf(fields['kind'], `${at.place}.kind`, ['name', 'fields'])
  const taken = parseList(fields['fields'], `${at.place}.fields`, expressionNodesMax).map((item, index) => {
    const place = `${at.place}.fields[${index}]`
    const { field, name } = parseFields(item, place, ['field', 'name'])
    return { field: parseName(field, `${place}.field`), name: bind(name, `${place}.name`) }
  })
  return { kind: 'fields', fields: taken }
}

function count(at: At): void {
  at.counted.nodes += 1
  if (at.counted.nodes > expressionNodesMax)
    throw refusal(at.place, `expected a callback of at most ${expressionNodesMax} nodes`)
}

/** Parses a nested node that is not part of the chain around it. */
function inner(value: unknown, at: At, name: string): Expression {
  return parseExpression(value, { ...inside(at, name), isInChain: false })
}

function inside(at: At, name: string): At {
  return { ...at, place: `${at.place}.${name}`, depth: at.depth + 1 }
}

function parseExpression(value: unknown, at: At): Expression {
  count(at)
  const { place } = at
  if (at.depth > expressionDepthMax) throw refusal(place, `expected at most ${expressionDepthMax} nested nodes`)
  const kind = kindOf(value, place)
  switch (kind) {
    case 'value':
      return { kind, value: parseScalar(parseFields(value, place, ['kind', 'value'])['value'], `${place}.value`) }
    case 'undefined':
      parseFields(value, place, ['kind'])
      return { kind }
    case 'name':
      return { kind, name: parseBound(parseFields(value, place, ['kind', 'name'])['name'], at) }
    case 'member': {
      const { of, name, isOptional } = parseFields(value, place, ['kind', 'of', 'name', 'isOptional'])
      return { kind, of: link(of, at), name: parseName(name, `${place}.name`), ...parseOptional(isOptional, at) }
    }
    case 'element': {
      const fields = parseFields(value, place, ['kind', 'of', 'at', 'isOptional'])
      const optional = parseOptional(fields['isOptional'], at)
      return { kind, of: link(fields['of'], at), at: inner(fields['at'], at, 'at'), ...optional }
    }
    case 'method':
      return parseMethod(value, at)
    case 'function': {
      const fields = parseFields(value, place, ['kind', 'name', 'arguments'])
      const name = parseOneOf(fields['name'], `${place}.name`, functions)
      return { kind, name, arguments: innerList(fields['arguments'], at, 'arguments') }
    }
    case 'chain':
      return { kind, of: link(parseFields(value, place, ['kind', 'of'])['of'], { ...at, isInChain: true }) }
    case 'unary':
    case 'binary':
    case 'conditional':
      return parseOperation(kind, value, at)
    case 'object':
      return { kind, fields: parseObject(parseFields(value, place, ['kind', 'fields'])['fields'], at) }
    case 'list':
      return { kind, items: innerList(parseFields(value, place, ['kind', 'items'])['items'], at, 'items') }
    case 'text':
      return { kind, parts: innerList(parseFields(value, place, ['kind', 'parts'])['parts'], at, 'parts') }
    default:
      throw unexpected(`${place}.kind`, 'a kind of expression', kind)
  }
}

function parseOperation(kind: 'unary' | 'binary' | 'conditional', value: unknown, at: At): Expression {
  const { place } = at
  switch (kind) {
    case 'unary': {
      const { operator, of } = parseFields(value, place, ['kind', 'operator', 'of'])
      return { kind, operator: parseOneOf(operator, `${place}.operator`, unaryOperators), of: inner(of, at, 'of') }
    }
    case 'binary': {
      const { operator, left, right } = parseFields(value, place, ['kind', 'operator', 'left', 'right'])
      return {
        kind,
        operator: parseOneOf(operator, `${place}.operator`, binaryOperators),
        left: inner(left, at, 'left'),
        right: inner(right, at, 'right'),
      }
    }
    case 'conditional': {
      const fields = parseFields(value, place, ['kind', 'test', 'then', 'otherwise'])
      return {
        kind,
        test: inner(fields['test'], at, 'test'),
        then: inner(fields['then'], at, 'then'),
        otherwise: inner(fields['otherwise'], at, 'otherwise'),
      }
    }
    default:
      return unreachable(kind)
  }
}

/** Parses the node that a link of a chain continues. */
function link(value: unknown, at: At): Expression {
  return parseExpression(value, inside(at, 'of'))
}

function parseOptional(value: unknown, at: At): { readonly isOptional?: true } {
  if (value === undefined) return {}
  if (value !== true) throw unexpected(`${at.place}.isOptional`, 'true or nothing', value)
  if (!at.isInChain) throw refusal(at.place, 'an optional link must be part of a chain')
  return { isOptional: true }
}

function innerList(value: unknown, at: At, name: string): readonly Expression[] {
  const items = parseList(value, `${at.place}.${name}`, expressionNodesMax)
  return items.map((item, index) => inner(item, at, `${name}[${index}]`))
}

function parseObject(value: unknown, at: At): { readonly name: string; readonly value: Expression }[] {
  return parseList(value, `${at.place}.fields`, expressionNodesMax).map((item, index) => {
    const field = parseFields(item, `${at.place}.fields[${index}]`, ['name', 'value'])
    const name = parseName(field['name'], `${at.place}.fields[${index}].name`)
    return { name, value: inner(field['value'], at, `fields[${index}].value`) }
  })
}

function parseScalar(value: unknown, place: string): string | number | boolean | null {
  if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
    return value
  throw unexpected(place, 'a string, a number, true, false or null', value)
}

function parseBound(value: unknown, at: At): string {
  const name = parseName(value, `${at.place}.name`)
  if (at.names.includes(name)) return name
  throw refusal(at.place, `'${name}' is not a parameter of the callback; pass it as given`)
}

/** Methods whose first argument is a callback, with its maximum number of parameters. */
const callbackParametersMax = new Map<string, number>([
  ['every', 1],
  ['filter', 1],
  ['find', 1],
  ['flatMap', 1],
  ['map', 1],
  ['some', 1],
  ['reduce', 2],
  ['toSorted', 2],
])
const argumentsMax = new Map<string, number>([
  ['at', 1],
  ['endsWith', 2],
  ['includes', 2],
  ['indexOf', 2],
  ['join', 1],
  ['reduce', 2],
  ['slice', 2],
  ['split', 2],
  ['startsWith', 2],
  ['toLowerCase', 0],
  ['toUpperCase', 0],
  ['trim', 0],
])
const methods: readonly (ListMethod | TextMethod)[] = [...listMethods, ...textMethods]

function parseMethod(value: unknown, at: At): Expression {
  const fields = parseFields(value, at.place, ['kind', 'of', 'name', 'arguments', 'isOptional'])
  const name = parseOneOf(fields['name'], `${at.place}.name`, methods)
  const place = `${at.place}.arguments`
  const parametersMax = callbackParametersMax.get(name)
  const max = name === 'concat' ? expressionNodesMax : (argumentsMax.get(name) ?? 1)
  const given = parseList(fields['arguments'], place, max)
  if (parametersMax !== undefined && name !== 'toSorted' && given.length === 0)
    throw refusal(place, `${name} expects a callback`)
  return {
    kind: 'method',
    of: link(fields['of'], at),
    name,
    arguments: given.map((argument, index) =>
      parametersMax !== undefined && index === 0
        ? innerCallback(argument, at, parametersMax)
        : inner(argument, at, `arguments[${index}]`),
    ),
    ...parseOptional(fields['isOptional'], at),
  }
}

function innerCallback(value: unknown, at: At, parametersMax: number): Callback {
  count(at)
  return callback(value, { ...at, place: `${at.place}.arguments[0]`, depth: at.depth + 1 }, parametersMax)
}
