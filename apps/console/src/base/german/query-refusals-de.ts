// German refusals of filters, orders, charts and code.

import type { SentenceTable } from '../message-pattern.ts'

export const queryRefusalsDe: SentenceTable = {
  'filter expects JSON such as {"stage":"Lead"}: {name}': 'Der Filter muss JSON sein wie {"stage":"Lead"}: {name}',
  'a filter expects an object, got {given}': 'Ein Filter ist ein Objekt; angegeben ist {given}.',
  'a filter is nested at most {number} deep': 'Ein Filter ist höchstens {number} Ebenen tief.',
  'a filter holds at most {number} conditions': 'Ein Filter hat höchstens {number} Bedingungen.',
  "unknown operator '{name}'; expected {names} or a field":
    'Die Bedingung „{name}“ gibt es nicht: erwartet ist {names} oder ein Feld.',
  "unknown operator '{name}' on '{name2}'; expected {names}":
    'Die Bedingung „{name}“ bei „{name2}“ gibt es nicht: erwartet ist {names}.',
  "{noun} has no field '{name}'; did you mean '{name2}'?":
    '{noun}: Das Feld „{name}“ gibt es nicht; meinten Sie „{name2}“?',
  "{noun} has no field '{name}'": '{noun}: Das Feld „{name}“ gibt es nicht.',
  '{name} belongs to a field, as in {"value":{"{name2}":1}}':
    '{name} gehört zu einem Feld, wie in {"value":{"{name2}":1}}.',
  '{path} expects a pattern of at most {number} characters, got {given}':
    '{path} erwartet ein Muster mit höchstens {number} Zeichen; angegeben ist {given}.',
  '{path} expects a list, got {given}': '{path} erwartet eine Liste; angegeben ist {given}.',
  '{path} expects {expected}, got {given}': '{path} erwartet {expected}; angegeben ist {given}.',
  '{path} expects at most {number} values, got {number2}':
    '{path} erwartet höchstens {number} Werte; es sind {number2}.',
  '{path} expects a value or operators such as {"$gt":1}, got an object without any':
    '{path} erwartet einen Wert oder Bedingungen wie {"$gt":1}.',
  '$text expects a string with at least one word, got {given}': 'Zum Suchen braucht es mindestens ein Wort.',
  '$text expects at most {number} words, got {number2}': 'Die Suche hat höchstens {number} Wörter; es sind {number2}.',
  '$text searches fields of the type text, titles, and indexed strings, and {noun} has none':
    '{noun}: Diese Art hat keine Texte, die sich durchsuchen lassen.',
  "cannot filter or sort by '{name}'; {name2}": 'Nach „{name}“ lässt sich nicht filtern oder sortieren.',
  'the filter has too many different values for one statement, which takes {number}; use fewer conditions':
    'Der Filter hat zu viele Werte, höchstens {number}. Verwenden Sie weniger Bedingungen.',
  'the filter crosses too many relations for one read of the past; use fewer conditions':
    'Der Filter geht für die Vergangenheit über zu viele Beziehungen. Verwenden Sie weniger Bedingungen.',
  'cursor expects the cursor of an earlier page': 'Diese Seite der Liste gibt es nicht mehr. Laden Sie sie neu.',
  'the body is not JSON: {name}': 'Das ist kein JSON: {name}',
  'the body expects a JSON object, got {given}': 'Erwartet ist ein JSON-Objekt; angegeben ist {given}.',
  'the body expects JSON': 'Erwartet ist JSON.',
  'expected a JSON object such as {"quantity":5}': 'Erwartet ist ein JSON-Objekt wie {"quantity":5}.',
  'a program takes at most {number} ms besides the time of its calls, and this one took longer; nothing was written: do less at a time, or use atomic: false':
    'Ein Programm rechnet höchstens {number} ms, und dieses brauchte länger. Nichts wurde geschrieben.',
  '{number} programs of this tenant are running; nothing was written, try again shortly':
    '{number} Programme laufen schon. Nichts wurde geschrieben; versuchen Sie es gleich erneut.',
}
