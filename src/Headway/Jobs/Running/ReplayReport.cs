using System.Text.Json;
using System.Text.Json.Serialization;
using Headway.Jobs.Accepting;
using Headway.Jobs.Storage;

namespace Headway.Jobs.Running;

/// <summary>What is other in a replay than it was.</summary>
internal sealed record ReplayChange
{
    public static readonly ReplayChange None = new();

    /// <summary>The model that is asked, of this replay alone.</summary>
    public string? Model { get; init; }

    /// <summary>JSON, in the place of the input; the former one is kept.</summary>
    public ReadOnlyMemory<byte>? Input { get; init; }
}

/// <summary>Which dead letters to replay.</summary>
internal sealed record ReplayAsk
{
    /// <summary>More are left for the next request.</summary>
    public const int MostAtOnce = 10_000;

    public required JobFilter Filter { get; init; }
    public string? Model { get; init; }
    public bool DryRun { get; init; }
    public int AtMost { get; init; } = MostAtOnce;

    /// <summary>Under which a repeat gets the same report, and goes on where a lost node stopped.</summary>
    public string? Key { get; init; }
}

internal abstract record ReplayAnswer
{
    public sealed record Done(ReplayReport Report) : ReplayAnswer;

    public sealed record Refused(Refusal Refusal) : ReplayAnswer;
}

/// <summary>What a replay of many did, or would do.</summary>
internal sealed record ReplayReport
{
    /// <summary>Single ones are named up to this number.</summary>
    public const int MostNamed = 100;

    public bool DryRun { get; init; }

    /// <summary>Dead letters that matched and were decided about.</summary>
    public int Matched { get; init; }

    public int Replayed { get; init; }

    /// <summary>How many were not, by reason.</summary>
    public IReadOnlyDictionary<string, int> Passed { get; init; } = new Dictionary<string, int>();

    /// <summary>The first of these.</summary>
    public IReadOnlyList<PassedJob> Named { get; init; } = [];

    /// <summary>There are more that match than were decided about.</summary>
    public bool More { get; init; }

    public ReplayReport With(IReadOnlyList<Replay> replays, IReadOnlyList<ReplayVerdict> verdicts, IReadOnlyList<(JobId Job, string Code)> refused, bool more)
    {
        var passed = refused.Concat(replays.Zip(verdicts).Where(pair => pair.Second is not ReplayVerdict.Replayed).Select(pair => (pair.First.Job, Code: CodeOf(pair.Second)))).ToList();
        return this with
        {
            Matched = Matched + replays.Count + refused.Count,
            Replayed = Replayed + verdicts.Count(verdict => verdict is ReplayVerdict.Replayed),
            Passed = Passed.Concat(passed.GroupBy(one => one.Code).Select(group => KeyValuePair.Create(group.Key, group.Count())))
                .GroupBy(pair => pair.Key).ToDictionary(group => group.Key, group => group.Sum(pair => pair.Value)),
            Named = [.. Named.Concat(passed.Select(one => new PassedJob(one.Job.ToString(), one.Code))).Take(MostNamed)],
            More = more,
        };
    }

    private static string CodeOf(ReplayVerdict verdict) => verdict switch
    {
        ReplayVerdict.NotDead => "job-not-dead",
        ReplayVerdict.NoRoom => "queue-full",
        ReplayVerdict.NoTenantRoom => "tenant-queue-full",
        _ => "storage-conflict",
    };
}

/// <param name="Code">Why it was not replayed.</param>
internal sealed record PassedJob(string Job, string Code);

/// <summary>What makes two requests the same: the filter and what is done with what matches.</summary>
internal sealed record ReplayedFilter(
    string? Feature, int? Version, string? Subject, string? Model, string? Error, string? Fingerprint, string? Query, DateTimeOffset? Since, string? OtherModel, int AtMost)
{
    public static ReplayedFilter Of(ReplayAsk ask) => new(
        ask.Filter.Feature, ask.Filter.Version, ask.Filter.Subject, ask.Filter.Model, ask.Filter.Error, ask.Filter.Fingerprint, ask.Filter.Query, ask.Filter.Since, ask.Model, ask.AtMost);
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(ReplayReport))]
[JsonSerializable(typeof(ReplayedFilter))]
internal sealed partial class ReplayJson : JsonSerializerContext
{
    public static string Text(ReplayReport report) => JsonSerializer.Serialize(report, Default.ReplayReport);

    public static ReplayReport Read(string text) => JsonSerializer.Deserialize(text, Default.ReplayReport)!;
}
