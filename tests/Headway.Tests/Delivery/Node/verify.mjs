// Holds deliveries that were received, one JSON line each, against the library of Standard Webhooks: node verify.mjs FILE
import { readFileSync } from "node:fs";
import { Webhook } from "standardwebhooks";

for (const line of readFileSync(process.argv[2], "utf8").trim().split("\n")) {
  const { secret, format, headers, body } = JSON.parse(line);
  const webhook = new Webhook(secret, format ? { format } : undefined);
  const told = webhook.verify(body, headers);
  console.log(`kept: ${told.type}`);
  try {
    webhook.verify(body.replace("job.", "jab."), headers);
    console.log("broken: another body was taken");
  } catch {
    console.log("kept: another body is refused");
  }
}
