/** How the API says no. */
import { z } from 'zod'

export const problem = z
  .object({
    error: z.object({
      code: z.string().meta({ description: 'One of a fixed set, for programs.' }),
      message: z.string().meta({
        description: "For people: in the environment's language, or in both before it is known whose it is.",
      }),
      id: z.string().meta({ description: 'Of this call, in the log.' }),
    }),
  })
  .meta({ id: 'Problem' })
