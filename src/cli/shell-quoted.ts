export { shellQuoted } from '../protocol/shell-quoted.ts'
