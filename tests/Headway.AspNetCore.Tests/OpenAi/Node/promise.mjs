// Prints a line for each promise that held; a promise that broke ends the script with 1.
import OpenAI from 'openai'

export const client = new OpenAI({ baseURL: `${process.argv[2]}/v1`, apiKey: 'none', maxRetries: 2 })

export async function promise(words, check) {
  await check()
  console.log(`kept: ${words}`)
}
