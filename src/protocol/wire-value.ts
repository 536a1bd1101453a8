/** What an answer is made of, before a door puts it into its protocol's form. */

export type WireValue = string | number | readonly (string | number)[] | Readonly<Record<string, string>>

/** One answer as it goes out, snake_case. */
export type WireAnswer = Readonly<Record<string, WireValue>>
