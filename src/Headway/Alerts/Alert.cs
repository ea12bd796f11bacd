using Headway.Alerts.Signs;

namespace Headway.Alerts;

/// <summary>Something that operators are told of, from when it is there until it is over. Times are milliseconds since 1970.</summary>
internal sealed record Alert
{
    public required AlertId Id { get; init; }

    /// <summary>One of <see cref="AlertKinds"/>.</summary>
    public required string Kind { get; init; }

    /// <summary>Of what: a feature, a version, an endpoint, a kind of gap. With the kind it names the alert while it is there.</summary>
    public required string What { get; init; }

    /// <summary>Null: it concerns none, or all.</summary>
    public string? Feature { get; init; }

    /// <summary>One of <see cref="Reasons"/>; null: the usual one of its kind.</summary>
    public string? Reason { get; init; }
    public AlertState State { get; init; }

    /// <summary>In the unit of its kind; see <see cref="AlertKinds.Shown"/>.</summary>
    public required long Amount { get; init; }
    public required long Threshold { get; init; }
    public required long Opened { get; init; }

    /// <summary>When its amount was last written down.</summary>
    public required long Seen { get; init; }

    /// <summary>Since when it is not there any more; null: it is there.</summary>
    public long? Missed { get; init; }
    public long? Ended { get; init; }

    /// <summary>How often it came back.</summary>
    public int Times { get; init; }
    public Acknowledgement? Acknowledgement { get; init; }
    public Told Told { get; init; }

    /// <summary>When they were last told; null: never.</summary>
    public long? ToldAt { get; init; }

    public static Alert Of(Sign sign, DateTimeOffset now) => new()
    {
        Id = AlertId.New(now),
        Kind = sign.Kind,
        What = sign.What,
        Feature = sign.Feature,
        Reason = sign.Reason,
        Amount = sign.Amount,
        Threshold = sign.Threshold,
        Opened = now.ToUnixTimeMilliseconds(),
        Seen = now.ToUnixTimeMilliseconds(),
    };
}

/// <summary>Open: somebody should look. Acknowledged: somebody does. Over: what it told of was not there for a while. The numbers are stored.</summary>
internal enum AlertState { Open, Acknowledged, Over }

/// <summary>What receivers know of an alert: nothing, that it is there, that it is over, or that it is there and less of it than there is. The numbers are stored.</summary>
internal enum Told { Nothing, Open, Over, Less }

/// <summary>Somebody looks after it.</summary>
/// <param name="Amount">As it was then: an alert that gets much worse is open again.</param>
internal sealed record Acknowledgement(long At, string Actor, string? Note, long Amount);

/// <summary>What alerts can be about.</summary>
internal static class AlertKinds
{
    /// <summary>Of a feature: jobs that are not tried again by themselves.</summary>
    public const string DeadLetters = "dead-letters";

    /// <summary>Of a version: how long the oldest job has waited that could run.</summary>
    public const string QueueAge = "queue-age";

    /// <summary>Of a kind of gap.</summary>
    public const string Gaps = "gaps";

    /// <summary>Of an endpoint: the share of posts that failed, or that none arrives.</summary>
    public const string WebhookFailures = "webhook-failures";

    /// <summary>Of a version: jobs wait and nobody alive works for them.</summary>
    public const string NoWorker = "no-worker";

    public static readonly IReadOnlyList<string> All = [DeadLetters, QueueAge, Gaps, WebhookFailures, NoWorker];

    /// <summary>What amounts of a kind are shown in.</summary>
    public static string UnitOf(string kind) => kind switch
    {
        DeadLetters => "jobs",
        QueueAge => "seconds",
        WebhookFailures => "percent",
        Gaps => "gaps",
        _ => "versions",
    };

    /// <summary>A stored amount or threshold in that unit: ages are stored in milliseconds, shares in hundredths of a percent.</summary>
    public static double Shown(string kind, long stored) => kind switch
    {
        QueueAge => stored / 1000.0,
        WebhookFailures => stored / 100.0,
        _ => stored,
    };
}

/// <summary>Of a kind that stands for several things, which it is.</summary>
internal static class Reasons
{
    /// <summary>An endpoint failed again and again, and is probed.</summary>
    public const string Down = "down";

    /// <summary>An endpoint answered 410.</summary>
    public const string Disabled = "disabled";

    /// <summary>Deliveries wait for an endpoint that the feature file has no more.</summary>
    public const string Unregistered = "unregistered";

    /// <summary>Workflows wait for a version of their code that no node has.</summary>
    public const string NoVersion = "no-version";
}
