namespace Headway.Features.Shapes;

/// <summary>The whole file, top down. Adding a key here makes it accepted, suggested, described and readable.</summary>
internal static class FeatureFileShape
{
    private static readonly OneOrMore RoleValues = new("a value of the roles claim, or a list of them", Scalars.Text, new Listed(Scalars.Text, atLeast: 1));

    private static readonly Keys AuthRoles = new("auth-roles", "Which values of the roles claim give which role. Default: the names of the roles themselves.",
        new("caller", RoleValues, "Calls features and models, and reads the jobs of its tenant."),
        new("operator", RoleValues, "Steers jobs: pauses, replays, moves."),
        new("approver", RoleValues, "Decides what workflows ask people."),
        new("auditor", RoleValues, "Reads the audit trail, and no content."),
        new("worker", RoleValues, "Comes for jobs as a pull worker."),
        new("admin", RoleValues, "Makes keys, and may do all of the above."));

    private static readonly Keys Auth = new("auth", "Whose tokens (JWT) are taken beside API keys. With it nobody gets in without a key or a token.",
        new("issuer", Scalars.HttpUrl, "The `iss` of tokens: the address of an OpenID Connect provider. https, but on loopback.") { Required = true },
        new("audience", new OneOrMore("an audience, or a list of them", Scalars.Text, new Listed(Scalars.Text, atLeast: 1)), "The `aud` that tokens are made for: this server's.") { Required = true },
        new("jwksUrl", Scalars.HttpUrl, "Where the issuer's public keys are. Default: what its /.well-known/openid-configuration says."),
        new("algorithms", new Listed(new WordChoice(IssuerOptions.AllAlgorithms), atLeast: 1), "How tokens may be signed. Default RS256, PS256 and ES256."),
        new("clockSkew", Scalars.TimerDurationOrZero, "By how much the clocks may differ: at most 10m. Default 1m."),
        new("tenant", Scalars.TenantName, "The tenant of all who come with a token. Default: `default`, where there is no tenantClaim."),
        new("tenantClaim", Scalars.Text, "The claim that names the tenant; dots go into objects. A token without it is refused."),
        new("rolesClaim", Scalars.Text, "The claim with the roles, a list or a text with spaces; dots go into objects, as in realm_access.roles. Default roles."),
        new("roles", AuthRoles, AuthRoles.Summary),
        new("allTenants", RoleValues, "Values of the roles claim whose holders administer, and work for, all tenants."));

    private static readonly Keys Audit = new("audit", "How the audit trail is kept.",
        new("checkpoints", Scalars.Text, "A file, relative to the feature file, that signed checkpoints of the audit chain are appended to: best on another disk. Default: they are in the log alone."),
        new("keep", Scalars.Duration, "How long audit events are kept. Default: six years."));

    private static readonly Keys Server = new("server", "Where the program listens and keeps its data. A command-line option or an environment variable wins over it.",
        new("listen", Scalars.ListenUrl, "The address to listen on. Default http://127.0.0.1:8080; beyond loopback an API key is required."),
        new("database", Scalars.Database, "sqlite:FILE, relative to the feature file, or postgres://…. Default sqlite:headway.db.") { Secret = true },
        new("masterKey", Scalars.MasterKey, "32 bytes in base64 that wrap every other key. Default: a key file made beside the database, on loopback only.") { Secret = true },
        new("tls", new Keys("tls", "The certificate that `headway serve` shows where it listens on https. Read again when it changes.",
            new("certificate", Scalars.File, "The certificate in PEM, its intermediates after it.") { Required = true },
            new("key", Scalars.File, "Its private key in PEM.") { Required = true }), "The certificate that `headway serve` shows where it listens on https. Read again when it changes."),
        new("auth", Auth, Auth.Summary),
        new("audit", Audit, Audit.Summary));

    private static readonly Keys Endpoint = new("endpoint", "A named receiver of results. Callers name endpoints, never URLs.",
        new("webhook", Scalars.HttpUrl, "Where results are posted, as Standard Webhooks.") { Required = true },
        new("secret", new OneOrMore("a secret, or a list of secrets", Scalars.WebhookSecret, new Listed(Scalars.WebhookSecret, atLeast: 1)),
            "Signs what is posted: whsec_ and base64, or any text. Each of several signs, while receivers change from one to the other. Required for a webhook that a contract depends on.")
        { Secret = true },
        new("previousSecret", Scalars.WebhookSecret, "Signs as well, while receivers change to the new secret.") { Secret = true },
        new("allowedData", HandlerShape.AllowedData, "Data classes the agreement with the receiver covers; of others it is told which job ended, and no content. Default public and internal, which personal and phi include."),
        new("allowPrivate", Scalars.Flag, "Whether its address may be one of this machine or of a private network. Default false."),
        new("concurrency", Scalars.Whole(1, 256), "How many posts are under way to it at once, on each node. Default 8."));

    private static readonly Keys Defaults = new("defaults", "What a feature gets where it says nothing itself.",
        new("data", new Choice<DataClass>(), "The data class of a contract that names none."),
        new("timeout", Scalars.TimerDuration, "The hard limit of one attempt."),
        new("pool", FeatureShape.Pool, "The concurrency of each feature version."),
        new("retry", FeatureShape.Retry, "When a failed attempt is tried again (async, hybrid and batch)."),
        new("retention", FeatureShape.Retention, "How long things are kept after a job ended."));

    public static readonly Keys WebhookSink = new("webhook-sink", "A signed post for each result.",
        new("webhook", Scalars.HttpUrl, "Where results are posted.") { Required = true },
        new("secret", Scalars.Text, "Signs what is posted.") { Secret = true },
        new("allowedData", HandlerShape.AllowedData, "Data classes the agreement with the receiver covers. Default public and internal, which personal and phi include."));

    private static readonly Keys Batch = new("batch", "A dataset put through a feature on a schedule.",
        new("feature", Scalars.FeatureName, "The feature every item goes through.") { Required = true },
        new("source", new Variants("batch-source", "a source: sql, jsonl or csv", null,
            new("sql-source", "Rows of a query.",
                new("sql", Scalars.File, "The file with the query.") { Required = true },
                new("from", Scalars.Text, "The database to ask.") { Required = true, Secret = true }),
            new("jsonl-source", "Lines of JSON.", new Key("jsonl", Scalars.Text, "The file to read.") { Required = true }),
            new("csv-source", "Rows of a CSV file with a header line.", new Key("csv", Scalars.Text, "The file to read.") { Required = true })),
            "Where the items come from.")
        { Required = true },
        new("sink", Sink(), "Where the results go.") { Required = true },
        new("schedule", Scalars.Cron, "When it starts: minute, hour, day, month, weekday."),
        new("window", Scalars.Window, "The hours of the day in which it may work."),
        new("freshFor", Scalars.Duration, "How long the result counts as fresh."));

    private static readonly Keys Source = new("source", "Where jobs come from other than HTTP.",
        new("rabbitmq", Scalars.BrokerUrl, "The broker.") { Required = true, Secret = true },
        new("queue", Scalars.Text, "The queue to read.") { Required = true },
        new("feature", Scalars.FeatureName, "The feature that is called with what comes.") { Required = true },
        new("sink", Sink(), "Where the results go."));

    private static readonly Keys Tenant = new("tenant", "What a tenant may use; `default` is for tenants not named.",
        new("limits", new Keys("tenant-limits", "How much at once, over all features.",
            new("requestsPerMinute", Scalars.Whole(1), "Calls a minute, of all features and on all nodes; more are refused with 429. Default: no limit."),
            new("running", Scalars.Whole(1, 1_000_000), "Jobs of async and hybrid features that run at once, on all nodes; more wait. Default: no limit."),
            new("queued", Scalars.Whole(1, 100_000_000), "Jobs of async and hybrid features that are queued at once; more are refused with 429. Default: no limit but those of the pools.")), "How much at once, over all features."),
        new("budget", BudgetShape.Budget, BudgetShape.Budget.Summary),
        new("weight", Scalars.Whole(1, 1000), "Its share of a pool that others want, too, relative to theirs. Default 1."));

    public static readonly Variants AlertReceiver = new("alert-receiver", "a receiver: webhook or endpoint", null,
        new("alert-webhook", "An address that alerts are posted to.",
            new("webhook", Scalars.HttpUrl, "Where alerts are posted, as Standard Webhooks.") { Required = true, Secret = true },
            new("secret", new OneOrMore("a secret, or a list of secrets", Scalars.WebhookSecret, new Listed(Scalars.WebhookSecret, atLeast: 1)),
                "Signs what is posted: whsec_ and base64, or any text. Each of several signs, while the receiver changes from one to the other. Default: nothing is signed.")
            { Secret = true },
            new("previousSecret", Scalars.WebhookSecret, "Signs as well, while the receiver changes to the new secret.") { Secret = true },
            new("allowPrivate", Scalars.Flag, "Whether its address may be one of this machine or of a private network. Default false.")),
        new Keys("alert-endpoint", "An endpoint that is told of alerts, too.",
            new Key("endpoint", Scalars.EndpointName, "Name of one under `endpoints`.") { Required = true }));

    private static readonly Keys Alerts = new("alerts", "When operators are told, and who. Alerts are there without it, too: `headway alerts list`.",
        new("to", new Listed(AlertReceiver, atLeast: 1), "Who is told. Default: nobody."),
        new("deadLetters", Scalars.Whole(1, AlertOptions.MostDeadLetters), "So many dead letters of a feature are an alert. Default 1."),
        new("queueAge", Scalars.Duration, "A job that could run and has waited for so long is an alert of its version. Default 5m."),
        new("gaps", Scalars.Whole(1, AlertOptions.MostGaps), "So many gaps of a kind are an alert. Default 1."),
        new("webhookFailures", Scalars.Share, "Such a share of the posts to an endpoint in 15 minutes, of at least five, that failed is an alert. Default 5%."));

    public static readonly Keys Root = new("headway", "Headway's feature file: what a product promises with AI.",
        new("server", Server, Server.Summary),
        new("endpoints", new Named(NameRule.Other, Endpoint), "Named receivers of results."),
        new("defaults", Defaults, Defaults.Summary),
        new("models", new Named(NameRule.Model, ModelShape.Model), "Named models: provider, limits, timeouts, price, and the data they may see."),
        new("toolServers", new Named(NameRule.Other, ToolShape.Server), "Named MCP servers whose tools prompts may let their models call."),
        new("features", new Named(NameRule.Feature, FeatureShape.Feature), "The AI capabilities of the product, each with its contract and its handler."),
        new("batches", new Named(NameRule.Other, Batch), "Datasets put through features."),
        new("sources", new Named(NameRule.Other, Source), "Where jobs come from other than HTTP."),
        new("tenants", new Named(NameRule.Other, Tenant), "Limits, budgets and weights of tenants."),
        new("alerts", Alerts, Alerts.Summary));

    private static Variants Sink() => new("sink", "a sink: jsonl, csv, sql or webhook", null,
        new Keys("jsonl-sink", "Lines of JSON.", new Key("jsonl", Scalars.Text, "The file to write; {date} is the day it started.") { Required = true }),
        new Keys("csv-sink", "Rows of CSV.", new Key("csv", Scalars.Text, "The file to write; {date} is the day it started.") { Required = true }),
        new Keys("sql-sink", "A statement for each result.",
            new("sql", Scalars.File, "The file with the statement.") { Required = true },
            new("to", Scalars.Text, "The database to write.") { Required = true, Secret = true }),
        WebhookSink);
}
