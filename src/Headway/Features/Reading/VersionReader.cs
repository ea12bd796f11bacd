using Headway.Features.Shapes;
using Headway.Features.Yaml;

namespace Headway.Features.Reading;

/// <summary>Makes one version of what it, its feature and the defaults say together.</summary>
internal sealed class VersionReader(FileReading reading, Section defaults)
{
    private static readonly TimeSpan StreamTimeout = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan UsualTimeout = TimeSpan.FromMinutes(5);

    // Sync without a declared wait: about what people and proxies bear before they give up.
    private static readonly TimeSpan SyncTimeout = TimeSpan.FromSeconds(30);

    private readonly HandlerReader _handlers = new(reading);

    /// <param name="merged">The version over its feature over the defaults.</param>
    /// <param name="own">What the version itself says, to tell a contradiction from an inheritance.</param>
    /// <returns>Null when too much is missing to judge it; findings say what.</returns>
    public FeatureVersion? Read(Node name, int number, Place place, Node merged, Node own)
    {
        var section = new Section(merged, FeatureShape.Feature);
        var contract = ReadContract(name, place, section);
        var handler = section.Find("handler") is { } node
            ? _handlers.Read(node, name.Text)
            : Missing<HandlerDefinition>("handler", name, place);
        if (contract is null || handler is null)
            return null;

        var version = new FeatureVersion
        {
            Feature = name.Text,
            Number = number,
            Summary = section.Text("summary"),
            Route = section.Text("route"),
            Deprecated = section.Value<DateOnly>("deprecated"),
            Sunset = section.Value<DateOnly>("sunset"),
            Contract = contract,
            Handler = handler,
            Timeout = section.Value("timeout", UsualTimeoutOf(contract)),
            Pool = Pool(section.Under("pool")),
            // Inherited, it just does not apply; said of the version itself, it is an error.
            Cache = handler.WhyNotCached is null && section.Under("cache").Value<TimeSpan>("for") is { } kept ? new CacheOptions { For = kept } : null,
            Retry = Retry(section.Under("retry")),
            Retention = Retention(section.Under("retention")),
            Delivery = Delivery(section.Find("delivery")),
            NoFallback = section.Text("fallback") == "none",
            SearchableMetadata = [.. section.List<string>("metadata").Select(item => item.Value)],
            MaxInput = section.Value("maxInput", 32L * 1024 * 1024),
            InputSchema = section.Text("input") is { } file ? _handlers.Schema(file, section.Find("input")!.Place, name.Text) : null,
            Place = place,
            Places = PlacesIn(merged),
        };
        VersionCheck.Run(version, new Section(own, FeatureShape.Feature), reading.Findings);
        return FeatureDefinition.Seal(version);
    }

    public static PoolOptions Pool(Section pool)
    {
        var usual = new PoolOptions();
        return new PoolOptions
        {
            Concurrency = pool.Value("concurrency", usual.Concurrency),
            Cluster = pool.Value<int>("cluster"),
            Queue = pool.Value("queue", usual.Queue),
            Queued = pool.Value("queued", usual.Queued),
        };
    }

    public static RetentionOptions Retention(Section retention)
    {
        var usual = new RetentionOptions();
        return new RetentionOptions
        {
            Payload = Kept("payload", usual.Payload),
            Record = Kept("record", usual.Record),
            Dead = Kept("dead", usual.Dead),
        };

        TimeSpan? Kept(string key, TimeSpan? otherwise) => retention.TryRead<TimeSpan?>(key, out var value) ? value : otherwise;
    }

    private static RetryOptions Retry(Section retry)
    {
        var usual = new RetryOptions();
        var (attempts, backoff) = (retry.Value<int>("attempts"), retry.Value<(TimeSpan From, TimeSpan To)>("backoff"));
        var snooze = retry.Under("snooze");
        return new RetryOptions
        {
            Attempts = attempts ?? usual.Attempts,
            First = backoff?.From ?? usual.First,
            Longest = backoff?.To ?? usual.Longest,
            RateLimited = Line("rateLimited", usual.RateLimited!),
            Unavailable = Line("unavailable", usual.Unavailable!),
            Timeout = Line("timeout", usual.Timeout!),
            InvalidOutput = Line("invalidOutput", usual.InvalidOutput!),
            Bug = Line("bug", usual.Bug!),
            StrongerFrom = retry.Value<int>("strongerFrom"),
            Snooze = new SnoozeOptions { Times = snooze.Value("times", usual.Snooze.Times), Within = snooze.Value("within", usual.Snooze.Within) },
        };

        // What the line leaves open is what is said for all, then what is right for the class. Whoever says how often everything is tried means everything.
        ClassRetry? Line(string key, ClassRetry usual)
        {
            if (!retry.Has(key) && attempts is not null) return null;
            var line = retry.Under(key);
            var own = line.Value<(TimeSpan From, TimeSpan To)>("backoff") ?? backoff;
            return new ClassRetry(line.Value<int>("attempts") ?? attempts ?? usual.Attempts, own?.From ?? usual.First, own?.To ?? usual.Longest);
        }
    }

    private static IReadOnlyList<DeliveryChannel> Delivery(Node? delivery)
    {
        if (delivery is not { Kind: NodeKind.List, Items.Count: > 0 })
            return [DeliveryChannel.Poll];
        return [.. delivery.Items.Select(item => item["endpoint"] is { } endpoint ? new DeliveryChannel("endpoint", endpoint.Text) : DeliveryChannel.Poll).Distinct()];
    }

    private static TimeSpan UsualTimeoutOf(Contract contract) => contract.Mode switch
    {
        Mode.Sync => contract.AcceptableWaitOrDefault is { } wait ? TimeSpan.FromTicks(Math.Min((wait * 1.5).Ticks, Duration.LongestTimer.Ticks)) : SyncTimeout,
        Mode.Stream => StreamTimeout,
        _ => UsualTimeout,
    };

    private Contract? ReadContract(Node name, Place place, Section section)
    {
        if (!section.Has("contract"))
            return Missing<Contract>("contract", name, place);

        var contract = section.Under("contract");
        if (contract.Node is null)
            return null;
        if (!contract.Has("mode"))
        {
            reading.Findings.Add(Finding.Error("key-missing",
                $"features.{name.Text}.contract needs the key 'mode': one of {string.Join(", ", Words.All<Mode>())}.", contract.Node.Place, name.Text));
        }

        if (contract.Value<Mode>("mode") is not { } mode)
            return null;

        var expect = contract.Under("expect");
        var made = new Contract
        {
            Mode = mode,
            DeliverWithin = contract.Value<TimeSpan>("deliverWithin"),
            ResumeFor = contract.Value("resumeFor", TimeSpan.FromSeconds(30)),
            Caller = contract.Value<CallerHabit>("caller"),
            Audience = contract.Value<Audience>("audience"),
            AcceptableWait = contract.Value<TimeSpan>("acceptableWait"),
            Output = contract.Value<OutputShape>("output"),
            Affects = contract.Value("affects", Harm.Nothing),
            Consumer = contract.Value<Consumer>("consumer"),
            Data = contract.Value<DataClass>("data") ?? defaults.Value("data", DataClass.Internal),
            Traffic = contract.Value<Traffic>("traffic"),
            Input = contract.Value("input", InputShape.One),
            Steps = contract.Value<int>("steps"),
            Longest = contract.Value<TimeSpan>("longest"),
            Approval = contract.Value("approval", false),
            Expect = expect.Node is null ? null : new Expectation
            {
                FirstToken = expect.Value<TimeSpan>("firstToken"),
                P95 = expect.Value<TimeSpan>("p95"),
                P99 = expect.Value<TimeSpan>("p99"),
            },
            Because = contract.Text("because"),
        };
        return made with { Wait = mode is Mode.Hybrid ? contract.Value<TimeSpan>("wait") ?? made.AcceptableWaitOrDefault ?? TimeSpan.FromSeconds(2) : null };
    }

    private T? Missing<T>(string key, Node name, Place place) where T : class
    {
        reading.Findings.Add(Finding.Error("key-missing",
            $"features.{name.Text} needs the key '{key}': {FeatureShape.Feature[key]!.Summary}", place, name.Text));
        return null;
    }

    private static Dictionary<string, Place> PlacesIn(Node merged)
    {
        var places = new Dictionary<string, Place>(StringComparer.Ordinal);
        Visit(merged, "");
        return places;

        void Visit(Node map, string prefix)
        {
            foreach (var (key, value) in map.Entries)
            {
                places.TryAdd(prefix + key.Text, value.Place);
                Visit(value, prefix + key.Text + ".");
            }
        }
    }
}
