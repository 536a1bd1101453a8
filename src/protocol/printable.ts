/** What others wrote (a shop, a customer, a function), fit for a terminal: nothing of it moves, colours or renames anything. */

/** Control characters, and those that turn the direction of what follows. */
const unprintable = /[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/gu

export const printable = (text: string): string => text.replaceAll(unprintable, '\ufffd')
