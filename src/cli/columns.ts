/** How wide a text stands in a terminal: Chinese characters and full-width punctuation take two columns. */
const wide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/

export const columns = (text: string) =>
  [...text].reduce((total, character) => total + (wide.test(character) ? 2 : 1), 0)
