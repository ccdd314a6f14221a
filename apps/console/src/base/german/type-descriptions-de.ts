// German descriptions of the types.

import type { SentenceTable } from '../message-pattern.ts'

export const typeDescriptionsDe: SentenceTable = {
  'A person who works in this tenant, such as an employee or an administrator.':
    'Wer in diesem Unternehmen arbeitet, etwa als Mitarbeiterin oder Administrator.',
  'A named key for a program or agent; the secret part is never stored on the entity.':
    'Ein benannter Schlüssel für ein Programm oder einen Agenten; der geheime Teil steht nie im Datensatz.',
  'A company or institution that the business deals with.':
    'Eine Firma oder Einrichtung, mit der das Unternehmen zu tun hat.',
  'A person outside the business, such as a prospect, a customer or a partner.':
    'Ein Mensch außerhalb des Unternehmens, etwa ein Interessent, Kunde oder Partner.',
  'A sign of interest in buying that has not become a deal yet.':
    'Ein Interesse am Kauf, aus dem noch kein Geschäft geworden ist.',
  'A possible sale with its value, its stage and its expected close.':
    'Ein möglicher Verkauf mit Wert, Stufe und erwartetem Abschluss.',
  'A call, meeting, task or note in the work with a contact, deal or organization.':
    'Anruf, Treffen, Aufgabe oder Notiz zu einem Kontakt, Geschäft oder einer Organisation.',
  'A named sequence of sales stages that deals move through.':
    'Eine benannte Folge von Stufen, die Geschäfte durchlaufen.',
  'A person or organization that is billed.': 'Wer Rechnungen erhält.',
  'Something that the business sells.': 'Etwas, das das Unternehmen verkauft.',
  'One edition of a product, such as Free, Pro or Enterprise, with its own prices.':
    'Eine Ausgabe eines Produkts, etwa Basis oder Pro, mit eigenen Preisen.',
  'An amount that a plan or product costs, with its currency and its interval.':
    'Was ein Tarif oder Produkt kostet, mit Währung und Intervall.',
  'A recurring purchase of a plan by a customer.': 'Der wiederkehrende Kauf eines Tarifs durch einen Kunden.',
  'A bill to a customer for a purchase or for a period of a subscription.':
    'Eine Rechnung an einen Kunden, für einen Kauf oder einen Zeitraum eines Abonnements.',
  'Money that a customer pays, usually towards an invoice.': 'Geld, das ein Kunde zahlt, meist auf eine Rechnung.',
  'A piece of work with a goal and an end, made up of issues.':
    'Ein Vorhaben mit Ziel und Ende, das aus Aufgaben besteht.',
  'A task, bug or feature that somebody works on.': 'Eine Aufgabe, ein Fehler oder eine neue Funktion in Arbeit.',
  'A remark on an issue, or on any other entity.': 'Eine Bemerkung zu einer Aufgabe oder einem anderen Datensatz.',
  'A page, post or article of a site.': 'Seite, Beitrag oder Artikel einer Website.',
  'A file, such as an image or a document, that is kept at a URL.':
    'Eine Datei, etwa ein Bild oder Dokument, die unter einer Adresse liegt.',
  'A website that content is published on.': 'Eine Website, auf der Inhalte erscheinen.',
  'A request for help from a customer.': 'Die Bitte eines Kunden um Hilfe.',
  'Something that happened outside the tenant, such as a page view; it is recorded once and never changes.':
    'Etwas, das außerhalb geschehen ist, etwa ein Seitenaufruf; es wird einmal festgehalten und ändert sich nie.',
  'A named number that is measured over time.': 'Eine benannte Zahl, die über die Zeit gemessen wird.',
  'A sequence of steps that people take, such as from visit to purchase.':
    'Eine Folge von Schritten, etwa vom Besuch bis zum Kauf.',
  'A target value that is to be reached by a deadline.': 'Ein Wert, der bis zu einer Frist erreicht werden soll.',
  'A marketing effort with an audience, a budget and a period.':
    'Eine Werbemaßnahme mit Zielgruppe, Budget und Zeitraum.',
  'A group of contacts with something in common.': 'Eine Gruppe von Kontakten mit etwas Gemeinsamem.',
  'A list of questions that people answer on a page.': 'Eine Liste von Fragen, die auf einer Seite beantwortet werden.',
  'A comparison of variants to find out which one works best.': 'Ein Vergleich von Varianten, um die beste zu finden.',
  'A switch that turns a feature on for some or all users.':
    'Schaltet eine Funktion für manche oder alle Benutzer ein.',
  'A set of steps that is to run on an event, on a schedule or by hand.':
    'Schritte, die bei einem Ereignis, nach Zeitplan oder von Hand ausgeführt werden.',
  'A connection to another system, such as a payment provider.':
    'Eine Verbindung zu einem anderen System, etwa einem Zahlungsanbieter.',
  'An AI agent with its instructions, tools and record of calls.':
    'Ein KI-Agent mit Anweisungen, Werkzeugen und seinen Aufrufen.',
  'A piece of communication between people and agents.': 'Eine Mitteilung zwischen Menschen und Agenten.',
  'Money that is paid back from a payment.': 'Geld, das von einer Zahlung zurückgezahlt wird.',
  'A document that corrects a finalized invoice by crediting an amount.':
    'Ein Beleg, der eine ausgestellte Rechnung um einen Betrag mindert.',
  'One line of an invoice, with its discount and its tax.': 'Eine Zeile einer Rechnung, mit Nachlass und Steuer.',
  'Something that a subscription bills in each period beside its own price, such as an add-on.':
    'Etwas, das ein Abonnement neben dem eigenen Preis abrechnet, etwa ein Zusatz.',
  'A discount, in percent or as an amount, that can be given to several customers.':
    'Ein Nachlass, in Prozent oder als Betrag, für mehrere Kunden.',
  'A tax in percent that is added to the price of line items.':
    'Eine Steuer in Prozent, die zum Preis von Rechnungsposten kommt.',
  'One task of an agent, with its conversation, its cost and its answer.':
    'Eine Aufgabe eines Agenten, mit Gespräch, Kosten und Antwort.',
  "An address of another system, to which the tenant's events are sent.":
    'Die Adresse eines anderen Systems, an die Ereignisse gesendet werden.',
  'An address at which another system posts what happens there; each delivery becomes an Event.':
    'Eine Adresse, an die ein anderes System meldet, was dort geschieht; jede Meldung wird ein Ereignis.',
  'Code that the tenant has stored, and what makes it run.': 'Code des Unternehmens, und wodurch er läuft.',
  'One run of a workflow, with its progress and its outcome.': 'Ein Lauf eines Ablaufs, mit Fortschritt und Ergebnis.',
  'A movement on a bank account.': 'Eine Bewegung auf einem Bankkonto.',
  'One that comes in and names an invoice pays it.': 'Ein Eingang, der eine Rechnung nennt, bezahlt sie.',
  'One entry of the journal: amounts of accounts that add up to 0.':
    'Eine Buchung: Beträge von Konten, die zusammen 0 ergeben.',
  'The server makes it of an event.': 'Der Server macht sie aus einem Ereignis.',
  'The books of the tenant in double entry.': 'Die doppelte Buchführung des Unternehmens.',
  'Creating it opens them, from the first event on; there is only one.':
    'Wer es anlegt, eröffnet sie, vom ersten Ereignis an; es gibt nur eines.',
  'A payment that the bank of a customer has taken back, or about which it asks.':
    'Eine Zahlung, die die Bank eines Kunden zurückgeholt hat oder zu der sie nachfragt.',
  'A conflict or difference between the entities here and the objects of a payment provider, or an object that cannot be held here.':
    'Ein Widerspruch oder Unterschied zwischen hier und dem Zahlungsanbieter, oder etwas, das hier nicht geführt werden kann.',
  'A pass over all objects of a payment provider, such as the first synchronization.':
    'Ein Durchgang durch alles bei einem Zahlungsanbieter, etwa der erste Abgleich.',
  'The definition of a Noun that the tenant made, or its additions to a built-in one.':
    'Die Definition einer eigenen Art, oder die Ergänzungen einer eingebauten.',
  'The settings that the tenant has set.': 'Die Einstellungen, die das Unternehmen geändert hat.',
  'The roles that the tenant has set.': 'Die Rollen, die das Unternehmen geändert hat.',
}
