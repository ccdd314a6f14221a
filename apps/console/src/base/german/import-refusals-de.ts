// German refusals of rows and files that are imported.

import type { SentenceTable } from '../message-pattern.ts'

export const importRefusalsDe: SentenceTable = {
  "column '{name}' {fault}": 'Die Spalte „{name}“ {fault}.',
  "has a number that a spreadsheet has rounded, '{name}': give the column the format of a text, and enter the value again":
    'enthält eine Zahl, die eine Tabellenkalkulation gerundet hat, „{name}“: geben Sie der Spalte das Format Text, und geben Sie den Wert neu ein',
  "expects {expected}, got '{name}', which is how spreadsheets count days: give the column the format of a date and save the file again":
    'erwartet {expected}; darin steht „{name}“, wie Tabellenkalkulationen Tage zählen: geben Sie der Spalte das Format Datum, und speichern Sie die Datei neu',
  'expects at most {number} names, got {number2}': 'erwartet höchstens {number} Namen; es sind {number2}',
  "expects at most {number} decimal places, as {name} has, got '{name2}'":
    'erwartet höchstens {number} Nachkommastellen wie {name}; darin steht „{name2}“',
  "the id '{id}' of this row is that of an entity that this caller may not write":
    'Die Kennung {id} dieser Zeile gehört einem Datensatz, den Sie nicht ändern dürfen.',
  "the row was imported without '{field}': {reason}": 'Die Zeile wurde ohne „{field}“ importiert: {reason}',
  "ids are kept, and '{id}' is no id of {noun}, such as {name}":
    'Kennungen werden übernommen, und {id} ist keine von {noun} wie {name}.',
  "ids are kept, and '{id}' is or was another entity here":
    'Kennungen werden übernommen, und {id} hat oder hatte hier ein anderer Datensatz.',
  'several {noun} entities have the {field} {given}': 'Mehrere Datensätze ({noun}) haben {given} als „{field}“.',
  "'{field}': several entities are named '{name}': use their ids or emails":
    '„{field}“: Mehrere Datensätze heißen „{name}“: geben Sie Kennungen oder E-Mail-Adressen an.',
  "'{field}': there is no {nouns} with the id, email or name '{name}'":
    '„{field}“: Es gibt nichts (gesucht: {nouns}) mit der Kennung, der E-Mail-Adresse oder dem Namen „{name}“.',
  "'{name}' is no reference of {noun} any more": '„{name}“ ist kein Verweis von {noun} mehr.',
  'expected {number} cells, got {number2}: quote a cell that has the delimiter or a line break':
    'Erwartet sind {number} Zellen, es sind {number2}: setzen Sie Zellen mit Trennzeichen oder Umbruch in Anführungszeichen.',
  'a quote is not closed': 'Ein Anführungszeichen ist nicht geschlossen.',
  'text after a closing quote': 'Nach einem schließenden Anführungszeichen steht noch Text.',
  'a record has more than {number} characters: is a quote not closed?':
    'Ein Datensatz hat mehr als {number} Zeichen: Ist ein Anführungszeichen nicht geschlossen?',
  'the row has more than {number} characters': 'Die Zeile hat mehr als {number} Zeichen.',
  'the row is malformed': 'Die Zeile ist beschädigt.',
  'expected a JSON object': 'Erwartet ist ein JSON-Objekt.',
  'the last row seems to be the total of the others: leave it out, or put another row after it if it is none':
    'Die letzte Zeile scheint die Summe der anderen zu sein: lassen Sie sie weg, oder setzen Sie eine andere dahinter, wenn sie keine ist.',
  // The file and its columns
  'the file is empty': 'Die Datei ist leer.',
  'the file has a header, but no rows': 'Die Datei hat eine Kopfzeile, aber keine Zeilen.',
  'the file has no header: its first line names the columns':
    'Die Datei hat keine Kopfzeile: ihre erste Zeile nennt die Spalten.',
  'line {number}: {reason}': 'Zeile {number}: {reason}',
  'row {number}: {reason}': 'Zeile {number}: {reason}',
  '{reason}; the rest of the file was not read': '{reason} Der Rest der Datei wurde nicht gelesen.',
  'line {number} names {number2} columns, and a file has at most {number3}':
    'Zeile {number} nennt {number2} Spalten; eine Datei hat höchstens {number3}.',
  'line {number} has bytes that are not {name}: {reason}':
    'Zeile {number} enthält Zeichen, die nicht {name} sind. {reason}',
  'save the file as UTF-8, or declare its encoding, such as encoding=windows-1252':
    'Speichern Sie die Datei als UTF-8.',
  'declare its encoding, such as encoding=windows-1252 or encoding=utf-8, or save the file as UTF-8':
    'Speichern Sie die Datei als UTF-8.',
  "the file is not UTF-8, and both {name} ('{name2}') and {name3} ('{name4}') are possible: name one, such as encoding={name5}":
    'Die Datei ist nicht UTF-8, und {name} („{name2}“) und {name3} („{name4}“) sind möglich. Speichern Sie sie als UTF-8.',
  'column {number} has no name: line 1 names every column':
    'Die Spalte {number} hat keinen Namen: Zeile 1 nennt jede Spalte.',
  "column '{name}' occurs twice: give each column a name of its own":
    'Die Spalte „{name}“ kommt zweimal vor: geben Sie jeder einen eigenen Namen.',
  "column '{name}' is not a field of {noun}; did you mean '{name2}'?: name its field in columns, or say unmapped=ignore or unmapped=metadata":
    'Die Spalte „{name}“ ist kein Feld von {noun}; meinten Sie „{name2}“? Wählen Sie ein Feld, oder lassen Sie sie weg.',
  "column '{name}' is not a field of {noun}: name its field in columns, or say unmapped=ignore or unmapped=metadata":
    'Die Spalte „{name}“ ist kein Feld von {noun}: wählen Sie ein Feld, oder lassen Sie sie weg.',
  "gives '{name}' and '{name2}' to the field '{field}'": '„{name}“ und „{name2}“ sind beide für „{field}“ gewählt.',
  "no column is '{field}', which is required: name it in columns, or give all rows one value in values":
    'Keine Spalte ist für „{field}“ gewählt, das benötigt wird: wählen Sie eine, oder geben Sie allen Zeilen denselben Wert.',
  "expects fields, and there is no field '{field}'": 'erwartet Felder; ein Feld „{field}“ gibt es nicht',
  "has '{field}', which a column of the file gives: leave it out of one":
    'enthält „{field}“, das eine Spalte der Datei hat: nennen Sie es nur einmal',
  "expects a value for '{field}', got null": 'erwartet einen Wert für „{field}“',
  "'{name}' has dates such as '{name2}': say dates=dmy or dates=mdy":
    '„{name}“ enthält Daten wie „{name2}“: wählen Sie die Reihenfolge von Tag und Monat.',
  "'{name}' has numbers such as '{name2}': say decimal=. or decimal=,":
    '„{name}“ enthält Zahlen wie „{name2}“: wählen Sie, ob Punkt oder Komma die Dezimalstellen trennt.',
  "'{name}' has amounts such as '{name2}': say amounts=major for units of the currency, or amounts=minor for cents":
    '„{name}“ enthält Beträge wie „{name2}“: wählen Sie ganze oder kleinste Einheiten der Währung.',
  'the file leaves open: {reasons}': 'Die Datei lässt offen: {reasons}',
  '{faults}': '{faults}.',
  '{noun} entities cannot be created': '{noun}: Solche Datensätze lassen sich nicht anlegen.',
  'this caller may not call {noun}.create': 'Sie dürfen das nicht anlegen: {noun}.',
  'the file is imported by {id} already: send it again to import it again': 'Die Datei wird schon importiert ({id}).',
  "there is no file '{id}': one that nobody imports is kept for a day":
    'Die Datei ist nicht mehr da: ohne Import wird sie einen Tag aufbewahrt.',
  'this server has no service that reads files': 'Dieser Server kann keine Dateien lesen.',
  "there is no import '{id}': ended imports are kept for 7 days":
    'Diesen Import gibt es nicht mehr: beendete werden 7 Tage aufbewahrt.',
  "there is no job '{id}': finished jobs are kept for 7 days":
    'Diesen Vorgang gibt es nicht mehr: beendete werden 7 Tage aufbewahrt.',
  'a file has at most {number} bytes, got {number2}': 'Eine Datei hat höchstens {number} Bytes; diese hat {number2}.',
  'the files of a tenant have at most {number} bytes: {number2} are in use':
    'Die Dateien eines Unternehmens haben höchstens {number} Bytes: {number2} sind belegt.',
  "there is no file '{id}'": 'Die Datei {id} gibt es nicht.',
  'the bytes of this file are not kept any more': 'Der Inhalt dieser Datei wird nicht mehr aufbewahrt.',
  'this server has no object store, so it keeps no files': 'Dieser Server bewahrt keine Dateien auf.',
  'a tenant has at most {number} unfinished uploads: finish one, or remove it':
    'Höchstens {number} Dateien werden gleichzeitig hochgeladen: warten Sie, bis eine fertig ist.',
}
