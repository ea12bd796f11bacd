using System.Collections.Concurrent;
using System.Text;
using Headway.Audit;
using Headway.Features;
using Headway.Handlers;

namespace Headway.Tests.Handlers;

/// <summary>One attempt as a job would make it, with everything it showed and disclosed kept to be looked at.</summary>
internal sealed class Attempts
{
    public static readonly DateTimeOffset Start = new(2026, 3, 2, 9, 0, 0, TimeSpan.Zero);

    public SeenOutput Output { get; } = new();
    public SeenDisclosures Disclosures { get; } = new();
    public JobId Job { get; } = JobId.New(Start);

    public static FeatureVersion Version(HandlerDefinition handler, OutputShape? output = null, DataClass data = DataClass.Internal) => new()
    {
        Feature = "sample",
        Number = 1,
        Contract = new Contract { Mode = Mode.Async, Data = data, Output = output },
        Handler = handler,
        Timeout = TimeSpan.FromSeconds(30),
        Place = new Place("headway.yaml", 12, 3),
    };

    public Attempt Make(FeatureVersion version, string json = "{}", IReadOnlyList<InputFile>? files = null, int number = 1, string? subject = null, DateTimeOffset? deadline = null, string tenant = "default") => new()
    {
        Job = Job,
        Feature = version,
        Number = number,
        Tenant = tenant,
        Input = new JobInput { MediaType = "application/json", Json = Encoding.UTF8.GetBytes(json), Files = files ?? [] },
        Subject = subject,
        Deadline = deadline,
        TraceParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        Until = Start.AddSeconds(30),
        Output = Output,
        Disclosures = Disclosures,
    };
}

/// <summary>Keeps what was shown.</summary>
internal sealed class SeenOutput : Output
{
    public ConcurrentQueue<string> Deltas { get; } = new();
    public ConcurrentQueue<(long Done, long? Total, string? Note)> Progress { get; } = new();
    public TaskCompletionSource FirstDelta { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public override bool Shown => !Deltas.IsEmpty;
    public override bool Wanted => true;

    public override ValueTask DeltaAsync(string text, CancellationToken stop)
    {
        Deltas.Enqueue(text);
        FirstDelta.TrySetResult();
        return ValueTask.CompletedTask;
    }

    public override ValueTask DeltaAsync(ReadOnlyMemory<byte> json, CancellationToken stop) => DeltaAsync(Encoding.UTF8.GetString(json.Span), stop);

    public override ValueTask TakeBackAsync(CancellationToken stop)
    {
        Deltas.Clear();
        return ValueTask.CompletedTask;
    }

    public override ValueTask BesideAsync(string? text, ReadOnlyMemory<byte> json, CancellationToken stop) => DeltaAsync(text ?? Encoding.UTF8.GetString(json.Span), stop);

    public override void GoOn()
    {
    }

    public override ValueTask ProgressAsync(long done, long? total, string? note, CancellationToken stop)
    {
        Progress.Enqueue((done, total, note));
        return ValueTask.CompletedTask;
    }
}

/// <summary>Keeps what was disclosed, or refuses to, as a full disk would.</summary>
internal sealed class SeenDisclosures : DisclosureLog
{
    public ConcurrentQueue<Disclosure> Opened { get; } = new();
    public bool IsBroken { get; set; }

    public override ValueTask OpenAsync(Disclosure disclosure, CancellationToken stop)
    {
        if (IsBroken) throw new IOException("disk full");
        Opened.Enqueue(disclosure);
        return ValueTask.CompletedTask;
    }
}

internal static class OutcomeReading
{
    public static string Text(this Outcome outcome) => Encoding.UTF8.GetString(outcome.ShouldBeOfType<Outcome.Done>().Result.Body.Span);

    public static Failure Failure(this Outcome outcome) => outcome.ShouldBeOfType<Outcome.Failed>().Failure;
}
