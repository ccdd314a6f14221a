// German sentences about the fault of one field, as the server says them beside the field.

import type { SentenceTable } from '../message-pattern.ts'

export const fieldFaultsDe: SentenceTable = {
  'is required': 'wird benötigt',
  'is required and cannot be cleared': 'wird benötigt und kann nicht geleert werden',
  'is required: send {names}': 'wird benötigt: geben Sie {names} an',
  'needs a value: set {names}': 'braucht einen Wert: setzen Sie {names}',
  'needs a time in the future, later than {time}': 'braucht einen Zeitpunkt in der Zukunft, nach {time}',
  'expects a lower-case letter and then lower-case letters, digits or hyphens, at most {number}':
    'erwartet einen Kleinbuchstaben und dann Kleinbuchstaben, Ziffern oder Bindestriche, höchstens {number}',
  'must be checked': 'muss angekreuzt sein',
  'expects {expected}, got {given}': 'erwartet {expected}; eingegeben ist {given}',
  'expects {expected}': 'erwartet {expected}',
  'expects a list of at most {number1} values, got {number2}':
    'erwartet eine Liste mit höchstens {number1} Werten; es sind {number2}',
  'expects well-formed Unicode without NUL': 'enthält Zeichen, die sich nicht speichern lassen',
  'expects keys of well-formed Unicode without NUL': 'enthält Schlüssel, die sich nicht speichern lassen',
  'expects JSON of at most {number} levels': 'erwartet JSON mit höchstens {number} Ebenen',
  'expects finite numbers': 'erwartet endliche Zahlen',
  "cannot hold the key '__proto__'": 'darf den Schlüssel „__proto__“ nicht enthalten',
  'expects a number that a double holds exactly, got {given}; send it as a string':
    'erwartet eine Zahl, die sich genau speichern lässt; eingegeben ist {given}. Geben Sie sie als Text an',
  'expects an object with the fields of a {noun}':
    'erwartet ein Objekt mit den Feldern eines Datensatzes der Art {noun}',
  'is the reverse of {noun}.{field}; set it there': 'ist die Gegenseite von „{field}“ ({noun}); setzen Sie es dort',
  "is not declared by {noun}; did you mean '{name}'?": 'gibt es bei {noun} nicht; meinten Sie „{name}“?',
  "is not declared by {noun}; free fields go into 'metadata'":
    'gibt es bei {noun} nicht; freie Angaben gehören in die Zusatzangaben (metadata)',
  'is not declared by {noun}': 'gibt es bei {noun} nicht',
  'is set only while {state_field} is {states}, and {state_field2} is {state}':
    'wird nur gesetzt, solange {state_field} „{states}“ ist; der Stand ist „{state}“',
  'cannot be cleared while {state_field} is {state}': 'kann nicht geleert werden, solange {state_field} „{state}“ ist',
  "would put '{id}' under itself": 'würde {id} unter sich selbst einordnen',
  'has more than {number} levels above it': 'hat mehr als {number} Ebenen über sich',
  'has more than too many levels above it': 'hat zu viele Ebenen über sich',
  'is {sum}, which {fault}': 'ist {sum}, und das geht nicht: {fault}',
  'is not {sum}': 'ist nicht {sum}',
  'is {given}, but {sum} makes {number}': 'ist {given}, aber {sum} ergibt {number}',
  "breaks the rule '{rule}' while {state_field} is {state}: {figures}":
    'verletzt die Regel „{rule}“, die gilt, solange {state_field} „{state}“ ist: {figures}',
  "breaks the rule '{rule}' while {state_field} is {state}":
    'verletzt die Regel „{rule}“, die gilt, solange {state_field} „{state}“ ist',
  "breaks the rule '{rule}': {figures}": 'verletzt die Regel „{rule}“: {figures}',
  "breaks the rule '{rule}'": 'verletzt die Regel „{rule}“',
  "is unknown; did you mean '{name}'?": 'ist unbekannt; meinten Sie „{name}“?',
  "is no question of this form; did you mean '{name}'?": 'ist keine Frage dieses Formulars; meinten Sie „{name}“?',
  'is no question of this form': 'ist keine Frage dieses Formulars',
  "has the question '{name}' twice": 'enthält die Frage „{name}“ zweimal',
  'expects a list of at most {number} questions': 'erwartet eine Liste mit höchstens {number} Fragen',
  'expects a name, or an object such as {"name":"email"}': 'erwartet einen Namen oder ein Objekt wie {"name":"email"}',
  'expects a list of at least one choice': 'erwartet eine Liste mit mindestens einer Auswahl',
  'expects a list of choices': 'erwartet eine Liste von Auswahlmöglichkeiten',
  'expects the id of a {noun}, or a list of 1 to {number} ids':
    'erwartet die Kennung eines Datensatzes der Art {noun} oder eine Liste von 1 bis {number} Kennungen',
  "'{id}' cannot be merged into itself": '{id} kann nicht mit sich selbst zusammengeführt werden',
  "there is no {noun} '{id}'": '{noun} {id} gibt es nicht',
  'is set by the server, for the bytes that it keeps': 'setzt der Server für die Dateien, die er aufbewahrt',
  "expects the file of an upload that is complete, got '{id}'":
    'erwartet die Datei eines vollständigen Hochladens; angegeben ist {id}',
  'expects a time that is not in the future, got {time1}; it is {time2} now':
    'erwartet einen Zeitpunkt, der nicht in der Zukunft liegt; angegeben ist {time1}, jetzt ist {time2}',
  // Automation and webhooks
  "names the unknown entity type '{name}'": 'nennt die unbekannte Art „{name}“',
  "names the unknown verb '{name}' of {noun}; did you mean '{name2}'?":
    'nennt die unbekannte Aktion „{name}“ von {noun}; meinten Sie „{name2}“?',
  "names the unknown verb '{name}' of {noun}": 'nennt die unbekannte Aktion „{name}“ von {noun}',
  'expects a list of at most {number} conditions': 'erwartet eine Liste mit höchstens {number} Bedingungen',
  'expects { field, op, value }': 'erwartet { field, op, value }',
  'expects the name of a field': 'erwartet den Namen eines Feldes',
  'expects a list of at most {number} steps': 'erwartet eine Liste mit höchstens {number} Schritten',
  'expects an object such as {"action":"Deal.create"}': 'erwartet ein Objekt wie {"action":"Deal.create"}',
  'expects an action such as Deal.create': 'erwartet eine Aktion wie Deal.create',
  'expects an action such as Deal.create, got {given}': 'erwartet eine Aktion wie Deal.create; angegeben ist {given}',
  'expects five fields of cron such as 0 9 * * 1: minute, hour, day, month and weekday':
    'erwartet fünf Felder von Cron wie 0 9 * * 1: Minute, Stunde, Tag, Monat und Wochentag',
  'expects a list such as ["Ticket.Created"]': 'erwartet eine Liste wie ["Ticket.Created"]',
  "expects a pattern such as *, Deal.*, Deal.Closed, *.Created or an entity's id, got {given}":
    'erwartet ein Muster wie *, Deal.*, Deal.Closed, *.Created oder eine Kennung; angegeben ist {given}',
  'expects a name that POST /incoming makes': 'erwartet einen Namen, den der Server vergibt',
  'expects a name that POST /webhooks/{path}/secret makes': 'erwartet einen Namen, den der Server vergibt',
  'expects a type of events such as Ticket.Created': 'erwartet die Art eines Ereignisses wie Ticket.Created',
  'expects a list of patterns such as Deal.*, or * for all events':
    'erwartet eine Liste von Mustern wie Deal.*, oder * für alle Ereignisse',
  'expects at most {number1}, got {number2}': 'erwartet höchstens {number1}; es sind {number2}',
  'a tenant has at most {number} webhooks: delete one first':
    'ein Unternehmen hat höchstens {number} Webhooks: löschen Sie zuerst einen',
  // Books and records of money
  'is no account of the ledger': 'ist kein Konto des Hauptbuchs',
  'expects 1 to 32 letters, digits, spaces, dots, hyphens and underscores':
    'erwartet 1 bis 32 Buchstaben, Ziffern, Leerzeichen, Punkte, Binde- und Unterstriche',
  'expects the time up to which the books are closed':
    'erwartet den Zeitpunkt, bis zu dem die Bücher abgeschlossen sind',
  'a period is closed after it has ended': 'ein Zeitraum wird erst abgeschlossen, wenn er vorbei ist',
  'the books are closed through {time}: expected later':
    'die Bücher sind bis {time} abgeschlossen: erwartet wird später',
  'the books are closed through {time}: expected earlier':
    'die Bücher sind bis {time} abgeschlossen: erwartet wird früher',
  'no period is closed': 'kein Zeitraum ist abgeschlossen',
  'expects Ours or Theirs: the value that both sides get':
    'erwartet „Ours“ (hier) oder „Theirs“ (dort): den Wert, den beide Seiten erhalten',
  'expects an object of codes by account': 'erwartet ein Objekt mit Kontonummern',
}
