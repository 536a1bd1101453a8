/** What the SDK needs in its environment, as people paste it. */
import type { ApiConnect } from '../client/index.ts'
import { sdkVariables } from '../client/sdk-variables.ts'

type Variables = Readonly<Record<string, string>>

/** Of an environment whose key is nobody else's business, a place for it. */
export const variablesOf = ({ secretId, secretKey = '<SecretKey>' }: ApiConnect): Variables =>
  sdkVariables(location.origin, secretId, secretKey)

/** Within single quotes a shell takes all as it is, but for the quote itself. */
const inShell = (value: string) => (/^[\w./:-]*$/.test(value) ? value : `'${value.replaceAll("'", "'\\''")}'`)
const inPowerShell = (value: string) => `'${value.replaceAll("'", "''")}'`

const lines = (variables: Variables, line: (name: string, value: string) => string) =>
  Object.entries(variables)
    .map(([name, value]) => line(name, value))
    .join('\n')

export const asExports = (variables: Variables) =>
  lines(variables, (name, value) => `export ${name}=${inShell(value)}`)

export const asPowerShell = (variables: Variables) =>
  lines(variables, (name, value) => `$env:${name} = ${inPowerShell(value)}`)

export const asDotenv = (variables: Variables) =>
  lines(variables, (name, value) => `${name}=${inShell(value)}`)
