// Questions that customers of the sample company ask, and how they are answered.

export const topics = [
  {
    subject: 'Two bookings for one berth',
    category: 'Bookings',
    question: 'Berth 14 is booked twice on Saturday: once by phone and once on the site. Which one counts?',
    answer: 'The first one counts. I have moved the second to berth 16, which has the same length, and told the guest.',
    thanks: 'That was quick, thank you.',
    resolution: 'Moved the second booking to a free berth.',
  },
  {
    subject: 'Invoice with the old address',
    category: 'Billing',
    question: 'Our last invoice still has the address of the old office. The tax office does not like that.',
    answer:
      'I have changed the address of your account. Do you need the last invoice again, or is it enough for the next ones?',
    thanks: 'Please send the last one again, the others do not matter.',
    resolution: 'Changed the address and sent the invoice again.',
  },
  {
    subject: 'Camera at the pier is offline',
    category: 'Cameras',
    question: 'The camera at the outer pier shows no picture since the storm last night.',
    answer:
      'It answers, but without a picture. Please take it off power for a minute; if that does not help we send another one.',
    thanks: 'It is back after the restart.',
    resolution: 'The camera was restarted.',
  },
  {
    subject: 'Export of guests for the tourist tax',
    category: 'Reports',
    question: 'The town wants a list of all nights by guest and month. Can you export that?',
    answer:
      'Yes: Reports, Nights by guest, Export. Choose the month at the top; it has the columns that most towns ask for.',
    thanks: 'Found it. The town is happy.',
    resolution: 'Explained the report of nights by guest.',
  },
  {
    subject: 'How do I add a pontoon?',
    category: 'Set-up',
    question: 'We have a new pontoon with 12 berths. How do I add it without typing each berth?',
    answer:
      'Copy a pontoon of the same kind: Berths, the three dots, Copy. Then change the letter, and the berths follow.',
    thanks: 'Perfect, two minutes.',
    resolution: 'Explained how a pontoon is copied.',
  },
  {
    subject: 'Password mail does not arrive',
    category: 'Access',
    question: 'A colleague gets no mail when she asks for a new password.',
    answer: 'Your mail server refused it as unknown. I have sent it again; which address should we use from now on?',
    thanks: 'It arrived this time.',
    resolution: 'Sent the mail again.',
  },
  {
    subject: 'Season tickets in the price list',
    category: 'Billing',
    question: 'Guests with a season ticket are asked to pay by the night when they book online.',
    answer: 'The season ticket was without a price list. I have added it, so their nights are free from today on.',
    thanks: 'Works now.',
    resolution: 'Added the season ticket to the price list.',
  },
] as const
