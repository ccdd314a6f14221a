// 256 random bits as letters and digits: the secret of keys, sessions and links.

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
/** 43 characters of 62 hold 256 bits. */
const secretCharacters = 43

export function randomSecret(random: (count: number) => Uint8Array, characters = secretCharacters): string {
  let text = ''
  while (text.length < characters)
    for (const byte of random(characters)) {
      // Larger bytes would make some characters likelier than others.
      if (byte < alphabet.length * 4 && text.length < characters) text += alphabet.charAt(byte % alphabet.length)
    }
  return text
}
