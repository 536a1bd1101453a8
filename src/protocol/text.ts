/** Texts for people: always in both languages. Owns the type; every text stands where it is used. */

export type Language = 'zh' | 'en'

/** One text, said in Chinese and in English. */
export type Text = Readonly<Record<Language, string>>
