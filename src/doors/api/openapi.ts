/** `/openapi.json`: the description of the API, made of the schemas that read requests and write answers. */
import { z } from 'zod'
import { problem } from '../../protocol/api/problem.ts'
import type { Route } from './route.ts'

type Json = Readonly<Record<string, unknown>>

/** What an HTTP status means, whatever the route. */
const meanings: Readonly<Record<number, string>> = {
  200: 'Done.',
  400: 'The request is not right; the message says what.',
  401: 'An administrator token is needed, or another one.',
  403: 'The Host or Origin header does not belong here.',
  404: 'There is no such order or environment.',
  409: 'Refused, as things stand.',
  413: 'The body is too large.',
  415: 'The body is not application/json.',
  500: 'Something went wrong in the server; its log has the id.',
  503: 'The database is away and the outcome is not known: the same call is safe.',
}
const ofAny = [401, 403, 404, 500, 503]
const ofPost = [413, 415]

const asText = (value: unknown) => JSON.stringify(value)
const isJson = (value: unknown): value is Json => typeof value === 'object' && value !== null

/** Schemas that have a name stand once, among the components; the others where they are used. */
function describer() {
  const schemas: Record<string, unknown> = {}
  return {
    schemas,
    describe(schema: z.ZodType): Json {
      const made = z.toJSONSchema(schema, {
        io: 'input',
        // The format says as much, in fewer words.
        override: ({ jsonSchema }) => {
          if (jsonSchema.format === 'date-time') delete jsonSchema.pattern
        },
      })
      const moved: unknown = JSON.parse(asText(made).replaceAll('"#/$defs/', '"#/components/schemas/'))
      const { $schema: _, $defs = {}, ...json } = isJson(moved) ? moved : {}
      Object.assign(schemas, $defs)
      return json
    },
  }
}
type Describe = ReturnType<typeof describer>['describe']

const isInPath = ({ path }: Route, name: string) => path.split('/').includes(`:${name}`)

const parametersOf = (route: Route, describe: Describe) =>
  Object.entries(route.schema.shape).map(([name, schema]) => {
    const { description, ...json } = describe(schema)
    const inPath = isInPath(route, name)
    return {
      name,
      in: inPath ? 'path' : 'query',
      required: inPath || !schema.safeParse(undefined).success,
      ...(description === undefined ? {} : { description }),
      schema: json,
    }
  })

const content = (schema: Json, type = 'application/json') => ({ [type]: { schema } })

function answersOf({ answers, method, streams }: Route, describe: Describe) {
  const statuses = [...Object.keys(answers).map(Number), ...ofAny, ...(method === 'POST' ? ofPost : [])]
  return Object.fromEntries(
    [...new Set(statuses)]
      .sort((a, b) => a - b)
      .map((status) => [
        status,
        {
          description: meanings[status],
          content: content(
            describe(answers[status] ?? problem),
            streams === true && status === 200 ? 'text/event-stream' : undefined,
          ),
        },
      ]),
  )
}

function operationOf(route: Route, describe: Describe) {
  const asked =
    route.method === 'GET'
      ? { parameters: parametersOf(route, describe) }
      : { requestBody: { required: true, content: content(describe(route.schema)) } }
  return {
    operationId: route.name,
    summary: route.about,
    ...asked,
    responses: answersOf(route, describe),
  }
}

/** OpenAPI 3.1, whose schemas are JSON Schema as it is. */
export function openApi(routes: readonly Route[], version: string): Json {
  const { schemas, describe } = describer()
  const paths: Record<string, Record<string, unknown>> = {}
  for (const route of routes) {
    const path = route.path.replace(/:(\w+)/g, '{$1}')
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operationOf(route, describe) }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'OpenCloudPay',
      version,
      description:
        'For operators, and for back ends that are no cloud functions: orders, what became of them, and what to do about it. Amounts are in fen.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    paths,
    components: {
      schemas,
      securitySchemes: {
        administrator: {
          type: 'http',
          scheme: 'bearer',
          description: 'CLOUDPAY_ADMIN_TOKEN, where the server has one.',
        },
      },
    },
    security: [{}, { administrator: [] }],
  }
}
