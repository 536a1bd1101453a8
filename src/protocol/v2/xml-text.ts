/** Which characters an XML text of ours may hold: one rule for what is read and what is written. */

/** Control characters but TAB, LF and CR, halves of a pair, and the two code points that XML excludes. */
const forbidden = /[^\P{Cc}\t\n\r]|\p{Cs}|[\uFFFE\uFFFF]/u
const everyForbidden = new RegExp(forbidden, 'gu')

export const holdsForbidden = (text: string) => forbidden.test(text)

/** The text with every character that XML cannot hold replaced by U+FFFD. */
export const xmlText = (text: string) => text.replace(everyForbidden, '\uFFFD')
